using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.Models;

/// <summary>Why a Model's source can't be fetched as its spec stands.</summary>
/// <param name="Reason">A condition's reason.</param>
/// <param name="Message">Names the field, what is wrong and what to do.</param>
internal sealed record SpecProblem(string Reason, string Message);

/// <summary>Checks what the schema can't, and what got past an older schema.</summary>
internal static class ModelSpecValidator
{
    /// <summary>The source taken apart, or what is wrong with it.</summary>
    public static (SourceAddress? Address, SpecProblem? Problem) Validate(ModelSpec spec, OperatorOptions options)
    {
        if (spec.Format is not (null or ModelFormats.Gguf)) return Invalid($"spec.format is {spec.Format}; only {ModelFormats.Gguf} can be served");
        if (!SourceAddress.TryParse(spec.Source, out var address, out var problem)) return Invalid($"spec.source {problem}");
        if (SourceFiles.Problem(address, [.. spec.Files ?? []], "spec.source", "spec.files") is { } mismatch) return Invalid(mismatch);
        if (MistakenValue(spec, address) is { } mistake) return Invalid(mistake);
        if (address is SourceAddress.Local local && !options.AllowedHostPaths.Any(root => IsUnder(local.Path, root)))
        {
            // Without a list of allowed roots every tenant could read every node's disk.
            return (null, new(
                Reasons.SourceNotAllowed,
                $"spec.source {local.Path} is a path of the node, and not under a root that the operator's flag --allowed-host-paths lists"));
        }

        return (address, null);
    }

    private static string? MistakenValue(ModelSpec spec, SourceAddress address) => spec switch
    {
        { RefreshPolicy: RefreshPolicies.OnChange } => $"spec.refreshPolicy {spec.RefreshPolicy} comes later; today a source is fetched once, which is {RefreshPolicies.IfNotPresent}",
        { RefreshPolicy: not (null or "" or RefreshPolicies.IfNotPresent) } => $"spec.refreshPolicy must be {RefreshPolicies.IfNotPresent}, got \"{spec.RefreshPolicy}\"",
        { DeletionPolicy: not (null or "" or DeletionPolicies.Retain or DeletionPolicies.Delete) } =>
            $"spec.deletionPolicy must be {DeletionPolicies.Retain} or {DeletionPolicies.Delete}, got \"{spec.DeletionPolicy}\"",
        _ when address is SourceAddress.Claim { Name: CacheDefaults.ClaimName } =>
            $"spec.source names the claim {CacheDefaults.ClaimName}, the operator's own cache, from which it removes files: name the source that the file came from, or put it into a claim of yours",
        { Sha256.Length: > 0 } when FlagValues.Sha256(spec.Sha256) is null => $"spec.sha256 must be 64 hexadecimal digits, got \"{spec.Sha256}\"",
        { SourceSecretRef: { Name: var secret } } when !FlagValues.IsSubdomain(secret ?? "") => "spec.sourceSecretRef.name must be the name of a Secret of this namespace",
        { CaCertConfigMapRef: { Name: var bundle } } when !FlagValues.IsSubdomain(bundle ?? "") => "spec.caCertConfigMapRef.name must be the name of a ConfigMap of this namespace",
        { SourceSecretRef: not null } when address is SourceAddress.Remote { UserInfo.Length: > 0 } =>
            "spec.sourceSecretRef and the user in spec.source are two sets of credentials; take the user out of spec.source, where everybody reads it who reads the Model",
        _ => ServiceSpecValidator.Tolerations("spec.prefetchTolerations", spec.PrefetchTolerations) is [var first, ..] ? first.ToString() : null,
    };

    private static (SourceAddress?, SpecProblem?) Invalid(string message) => (null, new(Reasons.InvalidSpec, message));

    private static bool IsUnder(string path, string root) => path.StartsWith(root.TrimEnd('/') + "/", StringComparison.Ordinal);
}
