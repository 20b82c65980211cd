using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using k8s;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary>What makes metrics move: a service that is asked and whose server dies, one that waits for GPUs, a model that is nowhere.</summary>
internal static class Happenings
{
    /// <summary>A model and a service that come up.</summary>
    public static string Sound(WeightsServer weights) => $$"""
        apiVersion: inference.llmkube.dev/v1alpha1
        kind: Model
        metadata: {name: tiny}
        spec: {source: "{{weights.Sound("tiny.gguf")}}"}
        ---
        apiVersion: inference.llmkube.dev/v1alpha1
        kind: InferenceService
        metadata: {name: chat}
        spec: {modelRef: tiny, replicas: 1}
        """;

    /// <summary>A node selector that no node has: nothing fails, and nothing comes of it.</summary>
    public const string Stuck = """
        apiVersion: inference.llmkube.dev/v1alpha1
        kind: InferenceService
        metadata: {name: stuck}
        spec: {modelRef: tiny, nodeSelector: {disk: none-such}}
        """;

    /// <summary>More GPUs than a node has, and a model that is nowhere.</summary>
    public static string Unlucky(WeightsServer weights) => $$"""
        {{Wide(weights, gpus: 2)}}
        ---
        apiVersion: inference.llmkube.dev/v1alpha1
        kind: InferenceService
        metadata: {name: queued}
        spec: {modelRef: wide}
        ---
        apiVersion: inference.llmkube.dev/v1alpha1
        kind: Model
        metadata: {name: lost}
        spec: {source: "{{weights.Url("none.gguf")}}"}
        """;

    /// <summary>The first of these needs no more than a node has, after all.</summary>
    public static string Luck(WeightsServer weights) => Wide(weights, gpus: 1);

    /// <summary>Kills the server of a service; its container is started again.</summary>
    public static async Task KillServerAsync(MonitoredCluster cluster, string service)
    {
        var pods = await cluster.Client.CoreV1.ListNamespacedPodAsync("default", labelSelector: $"{Labels.Service}={service}");
        await ServerProcess.Of(pods.Items.Single().Status.PodIP).KillAsync();
    }

    /// <summary>Asks a service, one question after the other, until told to stop.</summary>
    public static async Task AskAsync(MonitoredCluster cluster, string service, CancellationToken stop)
    {
        var endpoint = await cluster.Client.CoreV1.ReadNamespacedServiceAsync(service, "default", cancellationToken: stop);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new($"http://{endpoint.Spec.ClusterIP}:{InferenceServiceDefaults.Port}") };
        var question = new { messages = new[] { new { role = "user", content = "Is the pod ready?" } }, max_tokens = 64, temperature = 0 };
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var answer = await http.PostAsJsonAsync("/v1/chat/completions", question, stop);
            }
            catch (Exception e) when (e is HttpRequestException or SocketException)
            {
                await Eventually.SeeAsync(() => IsReadyAsync(cluster, service), ready => ready || stop.IsCancellationRequested, "a server is there again");
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private static async Task<bool> IsReadyAsync(MonitoredCluster cluster, string service) =>
        (await cluster.Client.CoreV1.ListNamespacedPodAsync("default", labelSelector: $"{Labels.Service}={service}")).Items
        .Any(p => p.Status.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true);

    private static string Wide(WeightsServer weights, int gpus) => $$"""
        apiVersion: inference.llmkube.dev/v1alpha1
        kind: Model
        metadata: {name: wide}
        spec: {source: "{{weights.Url("tiny.gguf")}}", hardware: {accelerator: cuda, gpu: {count: {{gpus.ToString(CultureInfo.InvariantCulture)}} } } }
        """;
}
