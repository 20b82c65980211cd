using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using k8s.Models;

namespace LlmKube.Operator.Engine.Api;

/// <summary>The requests that the engine makes.</summary>
internal static class ApiRequest
{
    /// <summary>Marks a write that needs no lease, such as those of the leader election itself.</summary>
    public static readonly HttpRequestOptionsKey<bool> NeedsNoLease = new("llmkube-needs-no-lease");

    public static HttpRequestMessage Get(ResourceType type, string? @namespace, string name) =>
        new(HttpMethod.Get, Relative(type.Path(@namespace, name)));

    public static HttpRequestMessage List(
        ResourceType type, string? @namespace, string? labelSelector, string? fieldSelector, int? limit, string? continueToken) =>
        new(HttpMethod.Get, Relative(type.Path(@namespace) + Query(
            ("labelSelector", labelSelector),
            ("fieldSelector", fieldSelector),
            ("limit", limit?.ToString(CultureInfo.InvariantCulture)),
            ("continue", continueToken))));

    public static HttpRequestMessage Watch(
        ResourceType type,
        string? @namespace,
        string? labelSelector,
        string? fieldSelector,
        string? resourceVersion,
        bool bookmarks,
        TimeSpan? timeout) =>
        new(HttpMethod.Get, Relative(type.Path(@namespace) + Query(
            ("watch", "true"),
            ("labelSelector", labelSelector),
            ("fieldSelector", fieldSelector),
            ("resourceVersion", resourceVersion),
            ("allowWatchBookmarks", bookmarks ? "true" : null),
            ("timeoutSeconds", timeout is { } t ? ((long)Math.Ceiling(t.TotalSeconds)).ToString(CultureInfo.InvariantCulture) : null))));

    public static HttpRequestMessage Create(ResourceType type, string? @namespace, object entity) =>
        new(HttpMethod.Post, Relative(type.Path(@namespace))) { Content = Json(entity) };

    public static HttpRequestMessage Replace(ResourceType type, string? @namespace, string name, object entity, string? subresource = null) =>
        new(HttpMethod.Put, Relative(type.Path(@namespace, name, subresource))) { Content = Json(entity) };

    public static HttpRequestMessage Patch(
        ResourceType type, string? @namespace, string name, V1Patch patch, string? fieldManager, bool? force, string? dryRun)
    {
        // A patch that is text already is sent as it is.
        var body = patch.Content as string is { } text ? Encoding.UTF8.GetBytes(text) : WireFormat.Encode(patch.Content);
        return new(HttpMethod.Patch, Relative(type.Path(@namespace, name) + Query(
            ("fieldManager", fieldManager),
            ("force", force is { } f ? (f ? "true" : "false") : null),
            ("dryRun", dryRun))))
        {
            Content = Json(body, patch.Type switch
            {
                V1Patch.PatchType.JsonPatch => "application/json-patch+json",
                V1Patch.PatchType.MergePatch => "application/merge-patch+json",
                V1Patch.PatchType.StrategicMergePatch => "application/strategic-merge-patch+json",
                V1Patch.PatchType.ApplyPatch => "application/apply-patch+yaml", // JSON is YAML.
                _ => throw new ArgumentException($"A patch of type {patch.Type} can't be sent.", nameof(patch)),
            }),
        };
    }

    public static HttpRequestMessage Delete(ResourceType type, string? @namespace, string name) =>
        new(HttpMethod.Delete, Relative(type.Path(@namespace, name)));

    private static ByteArrayContent Json(object entity) => Json(WireFormat.Encode(entity), "application/json");

    private static ByteArrayContent Json(byte[] body, string mediaType) =>
        new(body) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };

    private static Uri Relative(string path) => new(path, UriKind.Relative);

    private static string Query(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var query = new StringBuilder();
        foreach (var (name, value) in parameters)
        {
            if (string.IsNullOrEmpty(value)) continue;
            query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return query.ToString();
    }
}
