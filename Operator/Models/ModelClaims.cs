using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Models;

/// <summary>Which claims hold the file of a Model, or are to hold it: those that the pods of its services mount.</summary>
internal static class ModelClaims
{
    private static readonly IReadOnlyList<string> Default = [CacheDefaults.ClaimName];

    /// <summary>The claim that a source is a file of; null for all other sources.</summary>
    public static string? OfSource(ModelSpec model) =>
        model.Source.StartsWith("pvc:", StringComparison.Ordinal) && SourceAddress.TryParse(model.Source, out var source, out _) && source is SourceAddress.Claim claim ? claim.Name : null;

    /// <summary>The claim in which the pods of a service find the file; null: in none, each fetches it for itself.</summary>
    public static string? Of(InferenceServiceSpec service, ModelSpec model) => OfSource(model) ?? service.ModelCache switch
    {
        { Persistence: CachePersistences.Ephemeral } => null,
        { ClaimName: { Length: > 0 } own } => own,
        _ => CacheDefaults.ClaimName,
    };

    /// <summary>The claims that the file of a Model is wanted in, the one first that its status speaks of. None if all its services are Ephemeral.</summary>
    /// <param name="model">The Model.</param>
    /// <param name="services">Its services, the oldest first.</param>
    public static IReadOnlyList<string> Wanted(Model model, IEnumerable<InferenceService> services)
    {
        if (OfSource(model.Spec) is { } own) return [own];

        // A Model without services is fetched ahead of them. What is left of one that goes is in the namespace's claim alone: the others are not ours.
        if (model.Metadata.DeletionTimestamp is not null) return Default;
        List<string?> named = [.. services.Where(s => ServiceSpecValidator.Validate(s.Spec).Count == 0).Select(s => Of(s.Spec, model.Spec)).Distinct()];
        return named.Count == 0 ? Default : [.. named.OfType<string>().OrderByDescending(c => c == CacheDefaults.ClaimName)];
    }
}
