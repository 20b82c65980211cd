using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Models;

/// <summary>
/// Where a fetch runs. On a ReadWriteOnce claim its pod is the first consumer and pins the volume to its node, so it has to run
/// where the servers will: with their nodeSelector, node affinity and tolerations, near GPUs if they use them, but without holding one.
/// </summary>
/// <param name="NodeSelector">Required node labels.</param>
/// <param name="Tolerations">Taints that don't keep it away.</param>
/// <param name="Affinity">The nodes that it needs or prefers.</param>
internal sealed record FetchPlacement(IDictionary<string, string>? NodeSelector, IList<V1Toleration>? Tolerations, V1Affinity? Affinity)
{
    /// <summary>The placement for the services that wait for a source.</summary>
    /// <param name="models">The Models of the source.</param>
    /// <param name="services">The services of these Models, the oldest first.</param>
    /// <param name="isShared">True for a claim that nodes share: then nobody has to follow the fetch.</param>
    public static FetchPlacement For(IEnumerable<Model> models, IEnumerable<InferenceService> services, bool isShared)
    {
        var byName = models.DistinctBy(m => m.Metadata.Name).ToDictionary(m => m.Metadata.Name); // a Model and its successor may both be seen

        // A service that can't run as it stands says so itself; it must not keep the fetch from those that can.
        var sound = services.Where(s => ServiceSpecValidator.Validate(s.Spec).Count == 0).ToList();
        var gpus = sound.Select(s => GpuRequest.Of(s.Spec, byName[s.Spec.ModelRef].Spec))
            .Concat(byName.Values.Select(m => GpuRequest.Of(new InferenceServiceSpec(), m.Spec)))
            .OfType<GpuRequest>()
            .ToList();
        var tolerations = Tolerate(byName.Values, sound, gpus);
        if (isShared) return new(null, tolerations, null);

        // One pod can't satisfy contradicting wishes, and a mixture of several may fit no node at all: those of the oldest service that has any win, whole.
        // Wishes about other pods are not taken: the service's own, which are not there yet, are often meant.
        var chosen = sound.Select(s => s.Spec).FirstOrDefault(s => s.NodeSelector is { Count: > 0 } || s.Affinity?.NodeAffinity is not null);
        return new(Selector(chosen), tolerations, Affine(chosen?.Affinity?.NodeAffinity, gpus));
    }

    private static SortedDictionary<string, string>? Selector(InferenceServiceSpec? chosen) =>
        chosen?.NodeSelector is { Count: > 0 } selector ? new(selector, StringComparer.Ordinal) : null;

    private static List<V1Toleration>? Tolerate(IEnumerable<Model> models, List<InferenceService> services, List<GpuRequest> gpus)
    {
        var own = models.Select(m => m.Spec.PrefetchTolerations ?? []).Where(t => ServiceSpecValidator.Tolerations("", t).Count == 0);
        var tolerations = gpus.Select(g => g.TolerationKey).Order(StringComparer.Ordinal).Select(key => new V1Toleration { Key = key, OperatorProperty = "Exists", Effect = "NoSchedule" })
            .Concat(own.SelectMany(t => t))
            .Concat(services.SelectMany(s => s.Spec.Tolerations ?? []))
            .DistinctBy(t => (t.Key, t.OperatorProperty, t.Value, t.Effect, t.TolerationSeconds))
            .ToList();
        return tolerations.Count > 0 ? tolerations : null;
    }

    private static V1Affinity? Affine(V1NodeAffinity? chosen, List<GpuRequest> gpus)
    {
        List<V1PreferredSchedulingTerm> preferred = [.. chosen?.PreferredDuringSchedulingIgnoredDuringExecution ?? [], .. gpus.Select(g => g.Vendor).DistinctBy(v => v.Name).OrderBy(v => v.Resource, StringComparer.Ordinal).Select(NearGpu)];
        var required = chosen?.RequiredDuringSchedulingIgnoredDuringExecution;
        return (required, preferred.Count) is (null, 0) ? null : new V1Affinity
        {
            NodeAffinity = new V1NodeAffinity
            {
                RequiredDuringSchedulingIgnoredDuringExecution = required,
                PreferredDuringSchedulingIgnoredDuringExecution = preferred.Count > 0 ? preferred : null,
            },
        };
    }

    private static V1PreferredSchedulingTerm NearGpu(GpuVendor vendor) => new()
    {
        Weight = 100,
        Preference = new V1NodeSelectorTerm
        {
            MatchExpressions = [new V1NodeSelectorRequirement { Key = vendor.NodeLabel, OperatorProperty = "In", Values = ["true"] }],
        },
    };
}
