using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Benchmarks.Scale;

/// <summary>The objects that a run creates.</summary>
internal sealed class Workload(ScaleCluster cluster) : IDisposable
{
    // What one kubectl or one pipeline does not do, but many at once.
    private const int AtOnce = 16;

    private readonly GenericClient _models = new(cluster.Client, ApiGroup.Name, ApiGroup.Version, Model.KubePluralName, disposeClient: false);
    private readonly GenericClient _services = new(cluster.Client, ApiGroup.Name, ApiGroup.Version, InferenceService.KubePluralName, disposeClient: false);

    /// <summary>Creates Models of different sources, each with an InferenceService on one GPU.</summary>
    public Task CreatePairsAsync(int pairs) => Parallel.ForAsync(0, pairs, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) =>
    {
        await CreateModelAsync($"model-{i}");
        await CreateServiceAsync($"chat-{i}", $"model-{i}");
    });

    public Task CreateModelAsync(string name) => _models.CreateNamespacedAsync(
        new Model { Metadata = new V1ObjectMeta { Name = name }, Spec = new ModelSpec { Source = $"https://models.example/{name}.gguf" } }, cluster.Namespace);

    public Task CreateServiceAsync(string name, string model) => _services.CreateNamespacedAsync(
        new InferenceService { Metadata = new V1ObjectMeta { Name = name }, Spec = new InferenceServiceSpec { ModelRef = model, Resources = new InferenceResources { Gpu = 1 } } }, cluster.Namespace);

    /// <summary>Creates pods that have nothing to do with the operator and that nobody runs.</summary>
    public Task CreateForeignPodsAsync(int pods) => Parallel.ForAsync(0, pods, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, cancellation) =>
        await cluster.Client.CoreV1.CreateNamespacedPodAsync(
            new V1Pod
            {
                Metadata = new V1ObjectMeta { Name = $"foreign-{i}", Labels = new Dictionary<string, string> { ["app"] = "foreign" } },
                Spec = new V1PodSpec { SchedulerName = "nobody", Containers = [new V1Container { Name = "main", Image = "nginx:1" }] },
            },
            cluster.Namespace,
            cancellationToken: cancellation));

    public void Dispose()
    {
        _models.Dispose();
        _services.Dispose();
    }
}
