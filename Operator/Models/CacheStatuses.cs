using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Models;

/// <summary>
/// What a Model's status says of one of its claims. The status as such speaks of the first of them; what is to be known of each is in
/// <c>status.caches</c>, which is left out where the namespace's claim is the only one.
/// </summary>
internal static class CacheStatuses
{
    /// <summary>The claim that the status as such speaks of.</summary>
    public static string FirstClaim(Model model) => FirstClaim(model.Spec, model.Status);

    /// <summary>The claims that a Model's status speaks of, the first one first.</summary>
    /// <param name="spec">The Model's spec.</param>
    /// <param name="status">A status of it.</param>
    public static IReadOnlyList<string> Claims(ModelSpec spec, ModelStatus status) => status.Caches is { Count: > 0 } caches ? [.. caches.Select(c => c.ClaimName)] : [FirstClaim(spec, status)];

    /// <summary>The status as far as it is about a claim; null if it does not speak of it.</summary>
    public static ModelStatus? Of(Model model, string claim) => Of(model.Spec, model.Status, claim);

    /// <summary>The status as far as it is about a claim; null if it does not speak of it.</summary>
    /// <param name="spec">The Model's spec.</param>
    /// <param name="status">A status of it.</param>
    /// <param name="claim">The claim.</param>
    public static ModelStatus? Of(ModelSpec spec, ModelStatus? status, string claim)
    {
        if (status is null) return null;
        if (FirstClaim(spec, status) == claim) return status.Caches is null ? status : status with { Caches = null };
        if (status.Caches?.FirstOrDefault(c => c.ClaimName == claim) is not { } cache) return null;

        // With the same hash it is the same file, and what is said of the first one is true of it.
        var file = cache.Sha256 is { Length: > 0 } && cache.Sha256 == status.Sha256 ? status : new();
        return new()
        {
            ObservedGeneration = status.ObservedGeneration,
            CacheKey = status.CacheKey,
            LastUpdated = status.LastUpdated,
            Phase = cache.Phase,
            Size = file.Size,
            SizeBytes = file.SizeBytes,
            CacheClaimUid = cache.ClaimUid,
            Sha256 = cache.Sha256,
            StagedFiles = file.StagedFiles,
            SourceETag = file.SourceETag,
            SourceContentLength = file.SourceContentLength,
            Gguf = file.Gguf,
            Conditions = cache.Conditions,
        };
    }

    /// <summary>The Model as if there were this claim alone.</summary>
    public static Model At(Model model, string claim)
    {
        var status = Of(model, claim);
        return ReferenceEquals(status, model.Status) ? model : new() { ApiVersion = model.ApiVersion, Kind = model.Kind, Metadata = model.Metadata, Spec = model.Spec, Status = status! };
    }

    /// <summary>What is kept of a status that is about a claim.</summary>
    public static ModelCacheStatus Entry(string claim, ModelStatus status) => new()
    {
        ClaimName = claim,
        ClaimUid = status.CacheClaimUid,
        Phase = status.Phase,
        Sha256 = status.Sha256,
        Conditions = status.Conditions,
    };

    /// <summary>True if a status is told already: of a further claim only what is kept of it counts.</summary>
    public static bool IsTold(ModelSnapshot seen, ModelStatus status) => seen.IsFurther
        ? StatusWriter.Same(Entry(seen.ClaimName!, seen.Model.Status ?? new()), Entry(seen.ClaimName!, status))
        : StatusWriter.Same(seen.Model.Status, status);

    private static string FirstClaim(ModelSpec spec, ModelStatus? status) => status?.Caches is [{ ClaimName: var first }, ..] ? first : ModelClaims.OfSource(spec) ?? CacheDefaults.ClaimName;
}
