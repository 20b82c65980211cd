using System.Security.Cryptography;
using System.Text;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Events;
using LlmKube.Operator.Engine.Api;

namespace LlmKube.Operator.Engine.Events;

/// <summary>Makes Events of the core group. The same news about the same object always makes an Event of the same name.</summary>
internal sealed class EventResourceFactory(OperatorSettings settings, TimeProvider time) : IEventResourceFactory
{
    // The API allows 1024 bytes of a message, and 253 characters of a name.
    private const int LongestMessage = 1024;
    private const int LongestPrefix = 230;

    public Corev1Event CreateEvent(IKubernetesObject<V1ObjectMeta> entity, string reason, string message, EventType type)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var metadata = entity.Metadata;
        var kind = ResourceType.Of(entity.GetType());
        var (apiVersion, kindName) = (entity.ApiVersion ?? kind.ApiVersion, entity.Kind ?? kind.Kind);
        message = Shortened(message);
        var identity = string.Join('\n', metadata.Uid, apiVersion, kindName, metadata.Name, type, reason, message, settings.Name);
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..16];
        var prefix = metadata.Name.Length > LongestPrefix ? metadata.Name[..LongestPrefix].TrimEnd('.', '-') : metadata.Name;
        return new Corev1Event
        {
            ApiVersion = "v1",
            Kind = "Event",
            Metadata = new()
            {
                Name = $"{prefix}.{digest}",

                // Events about objects without a namespace live in this one, by convention.
                NamespaceProperty = string.IsNullOrEmpty(metadata.NamespaceProperty) ? "default" : metadata.NamespaceProperty,
            },
            InvolvedObject = new()
            {
                ApiVersion = apiVersion,
                Kind = kindName,
                Name = metadata.Name,
                NamespaceProperty = metadata.NamespaceProperty,
                Uid = metadata.Uid,
                ResourceVersion = metadata.ResourceVersion,
            },
            Reason = reason,
            Message = message,
            Type = type.ToString(),
            Count = 1,
            FirstTimestamp = now,
            LastTimestamp = now,
            Source = new() { Component = settings.Name },
            ReportingComponent = settings.Name,
            ReportingInstance = Environment.MachineName,
        };
    }

    // The limit counts bytes of UTF-8; no character is cut in two.
    private static string Shortened(string message)
    {
        if (Encoding.UTF8.GetByteCount(message) <= LongestMessage) return message;
        var (bytes, length) = (Encoding.UTF8.GetByteCount("…"), 0);
        foreach (var rune in message.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > LongestMessage) break;
            length += rune.Utf16SequenceLength;
        }

        return message[..length] + "…";
    }
}
