using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Autorest;

namespace LlmKube.Operator.Cli.Cluster;

/// <summary>What the API server said when it refused.</summary>
internal static class ApiErrors
{
    public static string MessageOf(HttpOperationException error)
    {
        try
        {
            return (string?)JsonNode.Parse(error.Response.Content ?? string.Empty)?["message"] ?? error.Message;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // Not a Status object, as from a proxy in between.
            return error.Message;
        }
    }
}
