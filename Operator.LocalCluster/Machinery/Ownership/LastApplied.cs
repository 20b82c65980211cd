using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>The way from kubectl's client-side apply to server-side apply: what its annotation says was applied, and still is so, is kubectl's.</summary>
internal static class LastApplied
{
    /// <summary>The manager of kubectl apply --server-side.</summary>
    public const string Manager = "kubectl";

    private const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>The conflicts without those over fields that kubectl applied itself.</summary>
    public static IReadOnlyList<ApplyConflict> Remaining(IReadOnlyList<ApplyConflict> conflicts, JsonObject live, Schema shape)
    {
        if (Read(live) is not { } last || last["apiVersion"].AsText() != live["apiVersion"].AsText())
        {
            return conflicts;
        }

        var changes = FieldComparison.Between(last, live, shape);
        var allowed = MentionedFields.Of(last, shape).Difference(changes.Modified.Union(changes.Added).Union(changes.Removed));
        var paths = allowed.Paths().Select(path => string.Concat(path)).ToHashSet();
        return [.. conflicts.Where(conflict => !paths.Contains(conflict.Path))];
    }

    /// <summary>Writes the applied object into the annotation, if the object has one.</summary>
    public static void Renew(JsonObject result, JsonObject applied)
    {
        if (result.At("metadata", "annotations") is JsonObject annotations && annotations[Annotation].AsText() is { Length: > 0 })
        {
            var copy = applied.Clone();
            (copy.At("metadata", "annotations") as JsonObject)?.Remove(Annotation);
            annotations[Annotation] = JsonNodes.Canonical(copy) + "\n";
        }
    }

    private static JsonObject? Read(JsonObject live)
    {
        if (live.At("metadata", "annotations", Annotation).AsText() is not { Length: > 0 } text)
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(text, documentOptions: new() { AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
