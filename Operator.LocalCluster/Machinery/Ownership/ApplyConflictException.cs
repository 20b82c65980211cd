namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>A field that someone else owns with another value.</summary>
/// <param name="Manager">The owner as messages name it: <c>"kubectl-edit" using apps/v1</c>.</param>
/// <param name="Path">The field, such as <c>.spec.replicas</c>.</param>
internal sealed record ApplyConflict(string Manager, string Path);

/// <summary>An apply without force met fields of others: 409 Conflict with one cause (FieldManagerConflict) per conflict.</summary>
internal sealed class ApplyConflictException(IReadOnlyList<ApplyConflict> conflicts) : Exception(Describe(conflicts))
{
    public IReadOnlyList<ApplyConflict> Conflicts { get; } = conflicts;

    private static string Describe(IReadOnlyList<ApplyConflict> conflicts) => conflicts is [var only]
        ? $"Apply failed with 1 conflict: conflict with {only.Manager}: {only.Path}"
        : $"Apply failed with {conflicts.Count} conflicts: {string.Join("\n", conflicts.GroupBy(one => one.Manager)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => $"conflicts with {group.Key}:{string.Concat(group.Select(one => $"\n- {one.Path}"))}"))}";
}
