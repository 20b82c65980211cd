using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.Tests.Faults.Proxy;

/// <summary>What a client gets of the proxy.</summary>
/// <param name="Code">The HTTP status.</param>
/// <param name="Body">JSON.</param>
internal sealed record ProxyAnswer(int Code, byte[] Body)
{
    /// <summary>Headers beside the type of the body.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public string? ContentType { get; init; } = "application/json";

    /// <summary>True: the client hears nothing, and its connection breaks.</summary>
    public bool IsLost { get; init; }

    /// <summary>True: the client hears the answer, and that its connection ends: GOAWAY on HTTP/2, <c>Connection: close</c> on HTTP/1.1.</summary>
    public bool IsLast { get; init; }

    /// <summary>No answer: the connection breaks instead.</summary>
    public static ProxyAnswer Nothing { get; } = new(0, []) { IsLost = true };

    /// <summary>A refusal in the form of the API server.</summary>
    public static ProxyAnswer Status(HttpStatusCode code, string reason, string message, TimeSpan? retryAfter = null) =>
        new((int)code, Encoding.UTF8.GetBytes(StatusText(code, reason, message)))
        {
            Headers = retryAfter is { } wait ? new Dictionary<string, string> { ["Retry-After"] = $"{wait.TotalSeconds:F0}" } : new Dictionary<string, string>(),
        };

    /// <summary>The last line of a watch whose version the server has forgotten.</summary>
    public static string GoneLine { get; } =
        new JsonObject { ["type"] = "ERROR", ["object"] = JsonNode.Parse(StatusText(HttpStatusCode.Gone, "Expired", "too old resource version")) }.ToJsonString();

    /// <summary>The body as JSON.</summary>
    public JsonNode Json => JsonNode.Parse(Body)!;

    private static string StatusText(HttpStatusCode code, string reason, string message) => new JsonObject
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["status"] = "Failure",
        ["code"] = (int)code,
        ["reason"] = reason,
        ["message"] = message,
    }.ToJsonString();
}
