using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.ApiServer.Responses;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;

namespace LlmKube.Operator.LocalCluster.ApiServer.Verbs;

/// <summary>Puts a list together from the stored bytes. Items of built-in kinds carry no apiVersion and kind, as in Kubernetes.</summary>
internal static class ListBytes
{
    public static ReadOnlyMemory<byte> Of(ResourceDefinition resource, IReadOnlyList<StoredObject> page, JsonObject metadata)
    {
        var bytes = new ArrayBufferWriter<byte>(256 + page.Sum(s => s.Utf8.Length + 1));
        Write(bytes, $"{{\"kind\":\"{resource.ListKind}\",\"apiVersion\":\"{resource.ApiVersion}\",\"metadata\":{metadata.ToJsonString(Wire.Options)},\"items\":[");
        var type = resource.IsCustom ? [] : Encoding.UTF8.GetBytes($"{{\"apiVersion\":\"{resource.ApiVersion}\",\"kind\":\"{resource.Kind}\",");
        for (var i = 0; i < page.Count; i++)
        {
            if (i > 0) bytes.Write(","u8);
            WriteItem(bytes, resource, page[i], type);
        }

        bytes.Write("]}\n"u8);
        return bytes.WrittenMemory;
    }

    private static void WriteItem(ArrayBufferWriter<byte> bytes, ResourceDefinition resource, StoredObject item, ReadOnlySpan<byte> type)
    {
        if (type.Length > 0 && item.Utf8.Span.StartsWith(type))
        {
            bytes.Write("{"u8);
            bytes.Write(item.Utf8.Span[type.Length..]);
        }
        else if (resource.IsCustom && item.Json.Text("apiVersion") != resource.ApiVersion)
        {
            Write(bytes, ObjectViews.InVersion(resource, item.Json).ToJsonString(Wire.Options));
        }
        else
        {
            bytes.Write(item.Utf8.Span);
        }
    }

    private static void Write(ArrayBufferWriter<byte> bytes, string text) => bytes.Write(Encoding.UTF8.GetBytes(text));
}
