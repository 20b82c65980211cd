using System.Security.Cryptography;
using k8s;
using LlmKube.Operator.LocalCluster.ApiServer;

namespace LlmKube.Operator.LocalCluster.Tests.Conformance;

/// <summary>
/// The cluster that the conformance tests hold to Kubernetes' behaviour: the one that LLMKUBE_TEST_KUBECONFIG names, or else
/// our own API server.
/// </summary>
[SetUpFixture]
public sealed class ConformanceCluster
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static Kubernetes _client = null!;
    private static readonly string Run = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    private ApiServerHost? _server;

    /// <summary>The group of this run's custom resources, so that two runs on one cluster don't meet.</summary>
    internal static string Group { get; } = $"run{Run}.conformance.llmkube.dev";

    internal static RawApi Api(string @namespace) => new(_client, @namespace);

    /// <summary>An API in a fresh namespace, which the caller deletes.</summary>
    internal static async Task<RawApi> NewNamespaceAsync()
    {
        var api = Api($"conformance-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5))}");
        await api.ExpectAsync(201, "POST", "/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{api.Namespace}}}"}}""");
        return api;
    }

    /// <summary>Deletes the namespace, and lets go what finalizers or a node that doesn't exist would keep in it for ever.</summary>
    internal static async Task DeleteNamespaceAsync(RawApi api)
    {
        await api.SendAsync("DELETE", "/api/v1/namespaces/$ns");
        foreach (var path in (string[])[Objects.Maps, Objects.Widgets, Objects.Pods])
        {
            var list = await api.ExpectAsync(200, "GET", path);
            foreach (var name in list.Json!["items"]!.AsArray().Select(item => Answer.Value(item, "metadata.name")))
            {
                await api.SendAsync("PATCH", $"{path}/{name}", """{"metadata":{"finalizers":null}}""", "application/merge-patch+json");
                await api.SendAsync("DELETE", $"{path}/{name}?gracePeriodSeconds=0");
            }
        }
    }

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        if (Environment.GetEnvironmentVariable("LLMKUBE_TEST_KUBECONFIG") is { Length: > 0 } path)
        {
            _client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(path));
        }
        else
        {
            _server = await ApiServerHost.StartAsync(new ApiServerOptions());
            _client = new Kubernetes(_server.ClientConfiguration());
        }

        var api = Api("default");
        await api.ExpectAsync(201, "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", WidgetDefinition.Json(Group));
        await Eventually.HoldsAsync(
            async () => (await api.SendAsync("GET", $"/apis/{Group}/v1/widgets")).Code == 200 && (await api.SendAsync("GET", $"/openapi/v3/apis/{Group}/v1")).Code == 200, Deadline);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await Api("default").SendAsync("DELETE", $"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.{Group}");
        _client.Dispose();
        if (_server is not null) await _server.DisposeAsync();
    }
}
