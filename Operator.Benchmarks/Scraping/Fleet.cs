using System.Reflection;
using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Benchmarks.Scraping;

/// <summary>Models with their InferenceServices and pods, all Ready.</summary>
internal sealed class Fleet
{
    public const string Namespace = "team";

    public Fleet(int pairs)
    {
        for (var i = 0; i < pairs; i++)
        {
            Models.Add(new Model
            {
                Metadata = new V1ObjectMeta { Name = ModelName(i), NamespaceProperty = Namespace },
                Spec = new ModelSpec { Source = $"https://models.example/{i}.gguf" },
                Status = new ModelStatus { Phase = ModelPhases.Ready, SizeBytes = 4_939_212_390 + i },
            });
            Services.Add(new InferenceService
            {
                Metadata = new V1ObjectMeta { Name = ServiceName(i), NamespaceProperty = Namespace },
                Spec = new InferenceServiceSpec { ModelRef = ModelName(i), Resources = new InferenceResources { Gpu = 1 } },
                Status = new InferenceServiceStatus
                {
                    Phase = InferenceServicePhases.Ready,
                    DesiredReplicas = 1,
                    Replicas = 1,
                    ReadyReplicas = 1,
                    Conditions =
                    [
                        new V1Condition { Type = ConditionTypes.Available, Status = "True" },
                        new V1Condition { Type = ConditionTypes.Progressing, Status = "False" },
                    ],
                },
            });
            Pods.Add(new V1Pod
            {
                Metadata = new V1ObjectMeta
                {
                    Name = $"{ServiceName(i)}-0",
                    NamespaceProperty = Namespace,
                    Uid = $"uid-{i}",
                    Labels = new Dictionary<string, string> { [Labels.Managed] = Managed.Value, [Labels.Service] = ServiceName(i) },
                },
                Spec = new V1PodSpec { NodeName = "node", Containers = [] },
                Status = new V1PodStatus { Phase = "Running" },
            });
        }
    }

    public IList<Model> Models { get; } = [];

    public IList<InferenceService> Services { get; } = [];

    public IList<V1Pod> Pods { get; } = [];

    public static string ModelName(int i) => $"llama-3-8b-instruct-{i}";

    public static string ServiceName(int i) => $"chat-assistant-{i}";
}

/// <summary>Lists a fleet, and can do nothing else.</summary>
#pragma warning disable CA1852 // The proxy derives from it.
internal class FleetClient : DispatchProxy
#pragma warning restore CA1852
{
    private Fleet _fleet = new(0);

    public static IKubernetesClient Of(Fleet fleet)
    {
        var client = Create<IKubernetesClient, FleetClient>();
        ((FleetClient)(object)client)._fleet = fleet;
        return client;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod switch
    {
        { Name: nameof(IDisposable.Dispose) } => null,
        { Name: nameof(IKubernetesClient.ListAsync) } list => ListOf(list.GetGenericArguments()[0]),
        _ => throw new NotSupportedException(targetMethod?.Name),
    };

    private object ListOf(Type kind) =>
        kind == typeof(Model) ? Task.FromResult(_fleet.Models)
        : kind == typeof(InferenceService) ? Task.FromResult(_fleet.Services)
        : kind == typeof(V1Pod) ? Task.FromResult(_fleet.Pods)
        : throw new NotSupportedException(kind.Name);
}
