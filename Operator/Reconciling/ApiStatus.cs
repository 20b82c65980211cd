using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Autorest;

namespace LlmKube.Operator.Reconciling;

/// <summary>Reads what the API server says about a failure: its Status object.</summary>
internal static class ApiStatus
{
    /// <summary>The server's words; those of the exception if it sent none (a proxy's error page).</summary>
    public static string MessageOf(HttpOperationException failure) => Field(failure, "message") ?? failure.Message;

    /// <summary>The reason in one word, for instance <c>AlreadyExists</c>; null if it gave none.</summary>
    public static string? ReasonOf(HttpOperationException failure) => Field(failure, "reason");

    private static string? Field(HttpOperationException failure, string name)
    {
        if (failure.Response?.Content is not { Length: > 0 } content) return null;
        try
        {
            return (JsonNode.Parse(content) as JsonObject)?[name]?.ToString();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
