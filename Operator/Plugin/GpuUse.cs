using System.Globalization;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Plugin;

/// <summary>A service that waits for GPUs or holds some.</summary>
/// <param name="Place">Its place in the queue; null: it holds GPUs.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Service">Its name.</param>
/// <param name="Model">The Model that it serves.</param>
/// <param name="Gpus">The resource and how many: of each pod of one that waits, of all pods of one that holds.</param>
/// <param name="Priority">The priority of its pods; null: not known.</param>
/// <param name="Since">Since when it waits, or its first pod has had a node.</param>
internal sealed record GpuUse(int? Place, string Namespace, string Service, string Model, string Gpus, int? Priority, DateTime? Since)
{
    /// <summary>Who waits, the next one first, and behind them who holds. A service can be both while it is rolled out.</summary>
    /// <param name="services">The services.</param>
    /// <param name="pods">Their pods.</param>
    public static IReadOnlyList<GpuUse> Of(IEnumerable<InferenceService> services, IEnumerable<V1Pod> pods)
    {
        var known = services.ToDictionary(s => (s.Metadata.NamespaceProperty, s.Metadata.Name));
        return
        [
            .. known.Values.Where(s => s.Status?.QueuePosition is not null).OrderBy(s => s.Status.QueuePosition).Select(Waiting),
            .. pods.Where(HasNode).Select(p => (Pod: p, Name: ServiceNames.OfPod(p), Gpus: GpusOf(p)))
                .Where(p => p.Name is not null && p.Gpus.Count > 0)
                .GroupBy(p => (p.Pod.Metadata.NamespaceProperty, Name: p.Name!))
                .OrderBy(g => g.Key)
                .Select(g => Holding(g.Key, known.GetValueOrDefault(g.Key)?.Spec.ModelRef ?? "", [.. g.Select(p => p.Pod)], g.SelectMany(p => p.Gpus))),
        ];
    }

    private static GpuUse Waiting(InferenceService service) => new(
        service.Status.QueuePosition, service.Metadata.NamespaceProperty, service.Metadata.Name, service.Spec.ModelRef, service.Status.WaitingFor ?? "",
        service.Status.EffectivePriority, service.Status.Conditions.Find(ConditionTypes.GPUAvailable)?.LastTransitionTime);

    private static GpuUse Holding((string Namespace, string Name) service, string model, V1Pod[] pods, IEnumerable<KeyValuePair<string, ResourceQuantity>> gpus) => new(
        null, service.Namespace, service.Name, model,
        string.Join(", ", gpus.GroupBy(g => g.Key).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Key}: {g.Sum(n => n.Value.ToDecimal()).ToString(CultureInfo.InvariantCulture)}")),
        pods.Max(p => p.Spec.Priority), pods.Min(p => p.WaitingSince()));

    private static bool HasNode(V1Pod pod) => pod.Spec?.NodeName is { Length: > 0 } && pod.Status?.Phase is not ("Succeeded" or "Failed");

    // GPUs are extended resources, and those have a domain.
    private static List<KeyValuePair<string, ResourceQuantity>> GpusOf(V1Pod pod) =>
        [.. pod.Spec.Containers.SelectMany(c => c.Resources?.Limits ?? new Dictionary<string, ResourceQuantity>()).Where(l => l.Key.Contains('/'))];
}
