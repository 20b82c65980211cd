using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Models;

/// <summary>
/// Where a fetch runs. On a ReadWriteOnce claim its pod is the first consumer and pins the volume to its node, so it has to run
/// where the servers will: with their nodeSelector and tolerations, near GPUs if they use them, but without holding one.
/// </summary>
/// <param name="NodeSelector">Required node labels.</param>
/// <param name="Tolerations">Taints that don't keep it away.</param>
/// <param name="Affinity">The nodes that it prefers.</param>
internal sealed record FetchPlacement(IDictionary<string, string>? NodeSelector, IList<V1Toleration>? Tolerations, V1Affinity? Affinity)
{
    /// <summary>The placement for the services that wait for a source.</summary>
    /// <param name="models">The Models of the source.</param>
    /// <param name="services">The services of these Models, the oldest first.</param>
    public static FetchPlacement For(IEnumerable<Model> models, IReadOnlyList<InferenceService> services)
    {
        var byName = models.ToDictionary(m => m.Metadata.Name);
        var gpus = services.Select(s => GpuRequest.Of(s.Spec, byName[s.Spec.ModelRef].Spec))
            .Concat(byName.Values.Select(m => GpuRequest.Of(new InferenceServiceSpec(), m.Spec)))
            .OfType<GpuRequest>()
            .Select(g => g.Vendor.Resource)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        return new FetchPlacement(Selector(services), Tolerate(services, gpus), Prefer(gpus));
    }

    // One pod can't satisfy contradicting selectors: the oldest service's labels win.
    private static SortedDictionary<string, string>? Selector(IReadOnlyList<InferenceService> services)
    {
        var selector = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var service in services)
        {
            foreach (var (label, value) in service.Spec.NodeSelector ?? new Dictionary<string, string>()) selector.TryAdd(label, value);
        }

        return selector.Count > 0 ? selector : null;
    }

    private static List<V1Toleration>? Tolerate(IReadOnlyList<InferenceService> services, List<string> gpus)
    {
        var tolerations = gpus.Select(resource => new V1Toleration { Key = resource, OperatorProperty = "Exists", Effect = "NoSchedule" })
            .Concat(services.SelectMany(s => s.Spec.Tolerations ?? []))
            .DistinctBy(t => (t.Key, t.OperatorProperty, t.Value, t.Effect, t.TolerationSeconds))
            .ToList();
        return tolerations.Count > 0 ? tolerations : null;
    }

    private static V1Affinity? Prefer(List<string> gpus) => gpus.Count == 0 ? null : new V1Affinity
    {
        NodeAffinity = new V1NodeAffinity
        {
            PreferredDuringSchedulingIgnoredDuringExecution =
            [
                .. gpus.Select(resource => new V1PreferredSchedulingTerm
                {
                    Weight = 100,
                    Preference = new V1NodeSelectorTerm
                    {
                        MatchExpressions = [new V1NodeSelectorRequirement { Key = NodeLabel(resource), OperatorProperty = "In", Values = ["true"] }],
                    },
                }),
            ],
        },
    };

    // What the vendors' own node labellers set (NVIDIA GPU feature discovery, AMD GPU operator, Intel's NFD rules).
    private static string NodeLabel(string resource) => resource switch
    {
        GpuResources.Amd => "feature.node.kubernetes.io/amd-gpu",
        GpuResources.Intel => "intel.feature.node.kubernetes.io/gpu",
        _ => "nvidia.com/gpu.present",
    };
}
