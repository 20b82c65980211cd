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
    public static string FirstClaim(Model model) => model.Status?.Caches is [{ ClaimName: var first }, ..] ? first : ModelClaims.OfSource(model.Spec) ?? CacheDefaults.ClaimName;

    /// <summary>The status as far as it is about a claim; null if it does not speak of it.</summary>
    public static ModelStatus? Of(Model model, string claim)
    {
        if (model.Status is not { } status) return null;
        if (FirstClaim(model) == claim) return status.Caches is null ? status : status with { Caches = null };
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
}
