using k8s;
using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Faults;

/// <summary>What a fault story's users create: so many Models, and so many InferenceServices of each.</summary>
/// <param name="Models">How many Models: <c>model-0</c>, <c>model-1</c>, ...</param>
/// <param name="ServicesEach">How many InferenceServices of each: <c>chat-0-0</c>, <c>chat-0-1</c>, ... Every other has two replicas.</param>
internal sealed record Fleet(int Models, int ServicesEach)
{
    /// <summary>A few of everything.</summary>
    public static readonly Fleet Small = new(4, 2);

    private const int Creators = 8;

    /// <summary>One node, since the services share a claim that one node can mount; with room for all.</summary>
    public static NodeSpec Node { get; } = NodeSpec.Sized("node-1") with
    {
        Allocatable = new Dictionary<string, string> { ["cpu"] = "10000", ["memory"] = "40Ti", ["ephemeral-storage"] = "40Ti", ["pods"] = "10000" },
    };

    public IEnumerable<string> ModelNames => Enumerable.Range(0, Models).Select(ModelName);

    public IEnumerable<string> ServiceNames => Enumerable.Range(0, Models).SelectMany(m => Enumerable.Range(0, ServicesEach).Select(s => ServiceName(m, s)));

    public static string ModelName(int model) => $"model-{model}";

    public static string ServiceName(int model, int service) => $"chat-{model}-{service}";

    /// <summary>Creates all, several at once.</summary>
    public Task CreateAsync(StoryCluster cluster) => CreateAsync(cluster, 0, Models);

    /// <summary>Creates some of the Models with their services.</summary>
    public Task CreateAsync(StoryCluster cluster, int from, int count) =>
        Parallel.ForAsync(from, from + count, new ParallelOptions { MaxDegreeOfParallelism = Creators }, async (model, _) =>
        {
            await cluster.CreateModelAsync(ModelName(model));
            await CreateServicesAsync(cluster, model);
        });

    /// <summary>Creates the services of a Model.</summary>
    public async Task CreateServicesAsync(StoryCluster cluster, int model)
    {
        for (var service = 0; service < ServicesEach; service++)
        {
            await cluster.CreateServiceAsync(ServiceName(model, service), ModelName(model), s => s.Replicas = 1 + (service % 2));
        }
    }

    /// <summary>Awaits what all of this becomes in the end.</summary>
    public Task ReadyAsync(StoryCluster cluster) =>
        Eventually.SeeAsync(() => WaitingAsync(cluster), waiting => waiting.Count == 0, "all Models and InferenceServices are Ready; those that are not", TimeSpan.FromMilliseconds(100), Eventually.Patience * (1 + (Models * ServicesEach / 50)));

    /// <summary>True if all of this has become what it is to be.</summary>
    public async Task<bool> IsReadyAsync(StoryCluster cluster) => (await WaitingAsync(cluster)).Count == 0;

    private async Task<IReadOnlyList<string>> WaitingAsync(StoryCluster cluster)
    {
        var (models, services) = (await cluster.AllModelsAsync(), await cluster.AllServicesAsync());
        return
        [
            .. ModelNames.Except(models.Where(m => m.Status?.Phase == ModelPhases.Ready).Select(m => m.Metadata.Name))
                .Select(name => $"{name}: {KubernetesJson.Serialize(models.FirstOrDefault(m => m.Metadata.Name == name)?.Status!)}"),
            .. ServiceNames.Except(services.Where(IsReady).Select(s => s.Metadata.Name))
                .Select(name => $"{name}: {KubernetesJson.Serialize(services.FirstOrDefault(s => s.Metadata.Name == name)?.Status!)}"),
        ];
    }

    private static bool IsReady(InferenceService service) =>
        service.Status is { Phase: InferenceServicePhases.Ready } status && status.ReadyReplicas == service.Spec.Replicas && status.ObservedGeneration == service.Metadata.Generation;
}
