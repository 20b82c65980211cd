using k8s.Models;
using LlmKube.Operator.Entities;
using static LlmKube.Operator.InferenceServices.FieldChecks;

namespace LlmKube.Operator.InferenceServices;

/// <summary>The checks of what users say of pods as such.</summary>
internal static class PodFieldsValidator
{
    private const int MostConstraints = 16;
    private const int MostSecrets = 16;
    private const int MostEntries = 64;

    // The API server's bound for the annotations of one object.
    private const int MostAnnotationBytes = 256 << 10;

    private static readonly string[] s_ownPrefixes = ["inference.llmkube.dev/", "llmkube.dev/"];
    private static readonly string[] s_ownLabels = [Labels.App, "pod-template-hash"];
    private static readonly string[] s_ownAnnotations = ["kubectl.kubernetes.io/restartedAt"];

    /// <summary>All problems, in the order of the fields.</summary>
    public static IEnumerable<FieldError> Validate(InferenceServiceSpec spec) =>
    [
        .. AtMost("spec.topologySpreadConstraints", spec.TopologySpreadConstraints?.Count, MostConstraints),
        .. (spec.TopologySpreadConstraints ?? []).SelectMany((c, i) => Constraint($"spec.topologySpreadConstraints[{i}]", c)),
        .. (spec.TopologySpreadConstraints ?? []).Select((c, i) => (c.TopologyKey, c.WhenUnsatisfiable, i)).GroupBy(c => (c.TopologyKey, c.WhenUnsatisfiable))
            .SelectMany(same => same.Skip(1))
            .Select(again => new FieldError($"spec.topologySpreadConstraints[{again.i}]", $"{again.TopologyKey} with {again.WhenUnsatisfiable} is there already")),
        .. Check(
            spec.RuntimeClassName is null || IsSubdomain(spec.RuntimeClassName),
            "spec.runtimeClassName",
            $"must be the name of a RuntimeClass, got \"{spec.RuntimeClassName}\""),
        .. AtMost("spec.imagePullSecrets", spec.ImagePullSecrets?.Count, MostSecrets),
        .. (spec.ImagePullSecrets ?? []).SelectMany((s, i) =>
            Check(IsSubdomain(s.Name), $"spec.imagePullSecrets[{i}].name", $"must be the name of a Secret, got \"{s.Name}\"")),
        .. Entries("spec.podLabels", spec.PodLabels, s_ownLabels),
        .. (spec.PodLabels ?? new Dictionary<string, string>()).SelectMany(label =>
            Check(IsLabelValue(label.Value), $"spec.podLabels[{label.Key}]", $"must be a label value, got \"{label.Value}\"")),
        .. Entries("spec.podAnnotations", spec.PodAnnotations, s_ownAnnotations),
        .. Check(
            spec.PodAnnotations is null || spec.PodAnnotations.Sum(a => (long)a.Key.Length + (a.Value?.Length ?? 0)) <= MostAnnotationBytes,
            "spec.podAnnotations",
            "must not have more than 256 KiB in all"),
        .. Pod("spec.podSecurityContext", spec.PodSecurityContext),
        .. Container("spec.securityContext", spec.SecurityContext),
        .. Check(
            (spec.SecurityContext?.RunAsNonRoot ?? spec.PodSecurityContext?.RunAsNonRoot) is not true
                || (spec.SecurityContext?.RunAsUser ?? spec.PodSecurityContext?.RunAsUser) is not 0,
            spec.SecurityContext?.RunAsNonRoot is not null ? "spec.securityContext.runAsNonRoot" : "spec.podSecurityContext.runAsNonRoot",
            "forbids the user 0, which runAsUser names"),
    ];

    private static IEnumerable<FieldError> Constraint(string path, V1TopologySpreadConstraint constraint) =>
    [
        .. Check(constraint.MaxSkew >= 1, $"{path}.maxSkew", $"must be at least 1, got {constraint.MaxSkew}"),
        .. Check(IsLabelKey(constraint.TopologyKey), $"{path}.topologyKey", $"must be a label key, got \"{constraint.TopologyKey}\""),
        .. Check(
            constraint.WhenUnsatisfiable is "DoNotSchedule" or "ScheduleAnyway",
            $"{path}.whenUnsatisfiable",
            $"must be one of DoNotSchedule, ScheduleAnyway, got \"{constraint.WhenUnsatisfiable}\""),
        .. Check(constraint.MinDomains is null or >= 1, $"{path}.minDomains", $"must be at least 1, got {constraint.MinDomains}"),
        .. Check(
            constraint.MinDomains is null || constraint.WhenUnsatisfiable == "DoNotSchedule", $"{path}.minDomains", "goes with whenUnsatisfiable DoNotSchedule only"),
        .. OneOf($"{path}.nodeAffinityPolicy", constraint.NodeAffinityPolicy, "Honor", "Ignore"),
        .. OneOf($"{path}.nodeTaintsPolicy", constraint.NodeTaintsPolicy, "Honor", "Ignore"),
    ];

    private static IEnumerable<FieldError> Entries(string path, IDictionary<string, string>? entries, string[] own) =>
    [
        .. AtMost(path, entries?.Count, MostEntries),
        .. (entries?.Keys ?? []).SelectMany(key => Check(IsLabelKey(key), path, $"\"{key}\" must be a label key")),
        .. (entries?.Keys ?? []).SelectMany(key =>
            Check(!own.Contains(key) && !s_ownPrefixes.Any(p => key.StartsWith(p, StringComparison.Ordinal)), $"{path}[{key}]", PodFieldRules.ReservedWords)),
    ];

    private static IEnumerable<FieldError> Pod(string path, V1PodSecurityContext? context) => context is null ? [] :
    [
        .. Id($"{path}.runAsUser", context.RunAsUser),
        .. Id($"{path}.runAsGroup", context.RunAsGroup),
        .. Id($"{path}.fsGroup", context.FsGroup),
        .. (context.SupplementalGroups ?? []).SelectMany((group, i) => Id($"{path}.supplementalGroups[{i}]", group)),
        .. OneOf($"{path}.fsGroupChangePolicy", context.FsGroupChangePolicy, "Always", "OnRootMismatch"),
        .. OneOf($"{path}.supplementalGroupsPolicy", context.SupplementalGroupsPolicy, "Merge", "Strict"),
        .. Profile($"{path}.seccompProfile", context.SeccompProfile?.Type, context.SeccompProfile?.LocalhostProfile, context.SeccompProfile is not null),
        .. Profile($"{path}.appArmorProfile", context.AppArmorProfile?.Type, context.AppArmorProfile?.LocalhostProfile, context.AppArmorProfile is not null),
    ];

    private static IEnumerable<FieldError> Container(string path, V1SecurityContext? context) => context is null ? [] :
    [
        .. Id($"{path}.runAsUser", context.RunAsUser),
        .. Id($"{path}.runAsGroup", context.RunAsGroup),
        .. Check(
            context.AllowPrivilegeEscalation is not false || (context.Privileged is not true && context.Capabilities?.Add?.Contains("CAP_SYS_ADMIN") is not true),
            $"{path}.allowPrivilegeEscalation",
            "can't be false with privileged, or with the capability CAP_SYS_ADMIN"),
        .. OneOf($"{path}.procMount", context.ProcMount, "Default", "Unmasked"),
        .. Profile($"{path}.seccompProfile", context.SeccompProfile?.Type, context.SeccompProfile?.LocalhostProfile, context.SeccompProfile is not null),
        .. Profile($"{path}.appArmorProfile", context.AppArmorProfile?.Type, context.AppArmorProfile?.LocalhostProfile, context.AppArmorProfile is not null),
    ];

    private static IEnumerable<FieldError> Profile(string path, string? type, string? file, bool isSaid) => !isSaid ? [] :
    [
        .. Check(type is "RuntimeDefault" or "Localhost" or "Unconfined", $"{path}.type", $"must be one of RuntimeDefault, Localhost, Unconfined, got \"{type}\""),
        .. Check((type == "Localhost") == (file is { Length: > 0 }), $"{path}.localhostProfile", "goes with type Localhost, and that with it"),
    ];

    private static FieldError[] Id(string path, long? id) => Check(id is null or (>= 0 and <= int.MaxValue), path, $"must be from 0 to {int.MaxValue}, got {id}");
}
