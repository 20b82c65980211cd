using System.Diagnostics;
using System.Text.Json;
using k8s.Models;

namespace LlmKube.Operator.Engine.Tracing;

/// <summary>
/// The trace of whoever wrote an object, as far as an annotation tells it. Anybody who may write the object can write there what he likes:
/// what is no W3C traceparent is passed over.
/// </summary>
internal static class TraceAnnotations
{
    /// <summary>A traceparent (proposed by KEP-5915).</summary>
    public const string Traceparent = "tracing.k8s.io/traceparent";

    /// <summary>A traceparent, or a JSON object with one: the headers of a request, as agent-sandbox writes them.</summary>
    public const string TraceContext = "opentelemetry.io/trace-context";

    private const int LongestText = 1024;

    /// <summary>The span that the annotations name, or null.</summary>
    public static ActivityContext? Of(V1ObjectMeta metadata) => Read(metadata, Traceparent) ?? Read(metadata, TraceContext);

    private static ActivityContext? Read(V1ObjectMeta metadata, string annotation)
    {
        if (metadata.Annotations?.TryGetValue(annotation, out var text) is not true || text is not { Length: > 0 and <= LongestText }) return null;
        if (text.TrimStart().StartsWith('{')) text = FromJson(text);
        return ActivityContext.TryParse(text?.Trim(), traceState: null, isRemote: true, out var context) ? context : null;
    }

    private static string? FromJson(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.TryGetProperty("traceparent", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
