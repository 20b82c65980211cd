using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Discovery;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;
using LlmKube.Operator.LocalCluster.ApiServer.Responses;

namespace LlmKube.Operator.LocalCluster.ApiServer.Routing;

/// <summary>Answers the paths that are no resource: discovery, OpenAPI, version, health.</summary>
internal sealed class StaticPaths(ClusterState cluster)
{
    private readonly OpenApiEndpoint _openApi = new(cluster.Registry);

    public static Task NotFoundAsync(HttpContext http) => ResponseWriter.TextAsync(http, "404 page not found\n", 404);

    public Task HandleAsync(HttpContext http, RequestInfo info)
    {
        if (info.Verb is not ("get" or "head")) throw ApiException.MethodNotAllowed();
        return info.Path.Trim('/').Split('/') switch
        {
            ["healthz" or "readyz" or "livez", ..] => ResponseWriter.TextAsync(http, "ok"),
            ["version"] => ResponseWriter.JsonAsync(http, ServerVersion.Json()),
            ["api"] => Aggregated(http) ? AggregatedAsync(http, core: true) : ResponseWriter.JsonAsync(http, DiscoveryDocuments.CoreVersions(http.Request.Host.Value ?? "")),
            ["apis"] => Aggregated(http) ? AggregatedAsync(http, core: false) : ResponseWriter.JsonAsync(http, DiscoveryDocuments.Groups(cluster.Registry)),
            ["api", var version] => FoundAsync(http, DiscoveryDocuments.Resources(cluster.Registry, "", version)),
            ["apis", var group] => FoundAsync(http, DiscoveryDocuments.Group(cluster.Registry, group)),
            ["apis", var group, var version] => FoundAsync(http, DiscoveryDocuments.Resources(cluster.Registry, group, version)),
            ["openapi", "v3", ..] => _openApi.HandleAsync(http, info.Path),
            [""] => ResponseWriter.JsonAsync(http, new JsonObject { ["paths"] = new JsonArray("/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz", "/version") }),
            _ => NotFoundAsync(http),
        };
    }

    private static bool Aggregated(HttpContext http) => AggregatedDiscovery.IsAsked(http.Request.Headers.Accept.ToString());

    private Task AggregatedAsync(HttpContext http, bool core) => ResponseWriter.BytesAsync(
        http, System.Text.Encoding.UTF8.GetBytes(AggregatedDiscovery.Document(cluster.Registry, core).ToJsonString()), AggregatedDiscovery.ContentType);

    private static Task FoundAsync(HttpContext http, JsonObject? json) => json is null ? NotFoundAsync(http) : ResponseWriter.JsonAsync(http, json);
}
