using System.Net;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Controllers.Watching;

/// <summary>What a refused request says.</summary>
internal static class ApiErrors
{
    public static bool Is(this HttpOperationException refused, HttpStatusCode code) => refused.Response?.StatusCode == code;

    /// <summary>The resource version is older than the server's history: list again.</summary>
    public static bool IsExpired(this Exception failure) => failure switch
    {
        HttpOperationException e => e.Is(HttpStatusCode.Gone),
        KubernetesException e => e.Status?.Code is 410 || e.Status?.Reason is "Expired" or "Gone",
        _ => false,
    };

    /// <summary>The server's words, without the envelope.</summary>
    public static string Words(this HttpOperationException refused) => StatusOf(refused)?.Message ?? refused.Message;

    /// <summary>A create refused with Forbidden because the namespace is going away.</summary>
    public static bool IsNamespaceTerminating(this HttpOperationException refused) =>
        refused.Is(HttpStatusCode.Forbidden) && StatusOf(refused)?.Details?.Causes?.Any(c => c.Reason == "NamespaceTerminating") == true;

    public static bool IsAlreadyExists(this HttpOperationException refused) =>
        refused.Is(HttpStatusCode.Conflict) && StatusOf(refused)?.Reason == "AlreadyExists";

    private static V1Status? StatusOf(HttpOperationException refused)
    {
        try
        {
            return string.IsNullOrEmpty(refused.Response?.Content) ? null : KubernetesJson.Deserialize<V1Status>(refused.Response.Content);
        }
        catch (JsonException)
        {
            return null; // A proxy's page, not the API's.
        }
    }
}
