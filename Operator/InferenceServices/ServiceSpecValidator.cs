using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;
using static LlmKube.Operator.InferenceServices.FieldChecks;

namespace LlmKube.Operator.InferenceServices;

/// <summary>
/// The schema's checks once more, for objects that got past it (stored under an older schema): such an object ends in a condition, never in a
/// Deployment that the API server refuses over and over.
/// </summary>
internal static class ServiceSpecValidator
{
    /// <summary>All problems of a spec, in the order of its fields.</summary>
    public static IReadOnlyList<FieldError> Validate(InferenceServiceSpec spec) =>
    [
        .. Check(IsSubdomain(spec.ModelRef), "spec.modelRef", $"must be the name of a Model, got \"{spec.ModelRef}\""),
        .. InRange("spec.replicas", spec.Replicas, 0, 10),
        .. Check(spec.Image is null || !spec.Image.Any(char.IsWhiteSpace), "spec.image", "must hold no white space"),
        .. InRange("spec.endpoint.port", spec.Endpoint?.Port, 1, 65535),
        .. OneOf("spec.endpoint.type", spec.Endpoint?.Type, ServiceTypes.ClusterIP, ServiceTypes.NodePort, ServiceTypes.LoadBalancer),
        .. InRange("spec.resources.gpu", spec.Resources?.Gpu, 0, 8),
        .. HardwareValidator.Validate(spec),
        .. Quantity("spec.resources.cpu", spec.Resources?.Cpu),
        .. Quantity("spec.resources.memory", spec.Resources?.Memory),
        .. Quantity("spec.resources.hostMemory", spec.Resources?.HostMemory),
        .. Quantity("spec.resources.ephemeralStorage", spec.Resources?.EphemeralStorage),
        .. Tolerations("spec.tolerations", spec.Tolerations),
        .. (spec.NodeSelector ?? new Dictionary<string, string>()).SelectMany(NodeLabel),
        .. PodFieldsValidator.Validate(spec),
        .. OneOf("spec.modelCache.persistence", spec.ModelCache?.Persistence, CachePersistences.Cached, CachePersistences.Ephemeral),
        .. Check(
            spec.ModelCache?.ClaimName is not { Length: > 0 } claim || IsSubdomain(claim),
            "spec.modelCache.claimName",
            $"must be the name of a PersistentVolumeClaim, got \"{spec.ModelCache?.ClaimName}\""),
        .. Check(
            spec.ModelCache is not { ClaimName.Length: > 0, Persistence: CachePersistences.Ephemeral },
            "spec.modelCache.claimName",
            "has no effect with persistence Ephemeral; leave one of them out"),
        .. InRange("spec.contextSize", spec.ContextSize, 128, 131072),
        .. InRange("spec.parallelSlots", spec.ParallelSlots, 1, 64),
        .. OneOf("spec.cacheTypeK", spec.CacheTypeK, [.. CacheTypes.All]),
        .. OneOf("spec.cacheTypeV", spec.CacheTypeV, [.. CacheTypes.All]),
        .. ServerArgumentsValidator.Validate(spec),
        .. ProbeValidator.Validate(spec),
        .. InRange("spec.drainTimeoutSeconds", spec.DrainTimeoutSeconds, 0, 86400),
        .. OneOf("spec.drainMode", spec.DrainMode, DrainModes.Idle, DrainModes.Sleep),
        .. OneOf("spec.priority", spec.Priority, [.. Priorities.All]),
        .. Check(
            spec.PriorityClassName is not { Length: > 0 } named || IsSubdomain(named),
            "spec.priorityClassName",
            $"must be the name of a PriorityClass, got \"{spec.PriorityClassName}\""),
    ];

    /// <summary>The problems of those fields of a model that shape the servers of a service.</summary>
    public static IReadOnlyList<FieldError> Validate(ModelSpec model, InferenceServiceSpec service) =>
    [
        .. HardwareValidator.Validate(model, service),
        .. Quantity("Model spec.resources.cpu", model.Resources?.Cpu),
        .. Quantity("Model spec.resources.memory", model.Resources?.Memory),
        .. Check(
            service.ModelCache is not ({ ClaimName.Length: > 0 } or { Persistence: CachePersistences.Ephemeral }) || ModelClaims.OfSource(model) is null,
            "spec.modelCache",
            $"has no effect with the Model's source {model.Source}, which is served from where it lies; leave it out"),
        .. LayerSplit(model.Hardware?.Gpu?.Sharding?.LayerSplit, GpuRequest.Of(service, model)?.Count ?? 0),
    ];

    /// <summary>The problems of tolerations.</summary>
    /// <param name="path">The field that holds them.</param>
    /// <param name="tolerations">Those.</param>
    public static IReadOnlyList<FieldError> Tolerations(string path, IList<V1Toleration>? tolerations) =>
        [.. (tolerations ?? []).SelectMany((t, i) => Toleration($"{path}[{i}]", t))];

    private static IEnumerable<FieldError> LayerSplit(IList<string>? ranges, int gpus)
    {
        const string Path = "Model spec.hardware.gpu.sharding.layerSplit";
        if (ranges is not { Count: > 0 } || gpus < 2) return [];
        return
        [
            .. ranges.SelectMany((range, i) => Check(GpuSplit.LayersOf(range) is not null, $"{Path}[{i}]", $"must be a range of layers such as 0-19, got \"{range}\"")),
            .. Check(ranges.Count == gpus, Path, $"must have a range for each of the {gpus} GPUs of a pod, has {ranges.Count}"),
        ];
    }

    private static IEnumerable<FieldError> Toleration(string path, V1Toleration toleration) =>
    [
        .. OneOf($"{path}.operator", toleration.OperatorProperty, "Exists", "Equal"),
        .. OneOf($"{path}.effect", toleration.Effect, "NoSchedule", "PreferNoSchedule", "NoExecute"),
        .. Check(toleration.OperatorProperty != "Exists" || toleration.Value is null or "", $"{path}.value", "must be empty with operator Exists"),
        .. Check(toleration.Key is { Length: > 0 } || toleration.OperatorProperty == "Exists", $"{path}.key", "may be empty only with operator Exists"),
        .. Check(toleration.TolerationSeconds is null || toleration.Effect == "NoExecute", $"{path}.tolerationSeconds", "goes with effect NoExecute only"),
        .. Check(toleration.Key is null or "" || IsLabelKey(toleration.Key), $"{path}.key", $"must be a label key, got \"{toleration.Key}\""),
    ];

    private static IEnumerable<FieldError> NodeLabel(KeyValuePair<string, string> label) =>
    [
        .. Check(IsLabelKey(label.Key), "spec.nodeSelector", $"\"{label.Key}\" must be a label key"),
        .. Check(IsLabelValue(label.Value), $"spec.nodeSelector[{label.Key}]", $"must be a label value, got \"{label.Value}\""),
    ];
}
