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
