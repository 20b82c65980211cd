namespace KubeOps.Abstractions.Entities;

/// <summary>The names by which the API server knows a kind.</summary>
/// <param name="Kind">CamelCase singular, for example <c>Deployment</c>.</param>
/// <param name="Version">For example <c>v1alpha1</c>.</param>
/// <param name="Group">For example <c>apps</c>; null or empty for the core group.</param>
/// <param name="Plural">The plural in URLs; null stands for the kind with an <c>s</c>.</param>
public record EntityMetadata(string Kind, string Version, string? Group = null, string? Plural = null)
{
    /// <summary>The kind of a list of these, for example <c>DeploymentList</c>.</summary>
    public string ListKind => $"{Kind}List";

    /// <summary>The lower-case singular.</summary>
    public string SingularName => Lower(Kind);

    /// <summary>The lower-case plural.</summary>
    public string PluralName => Lower(Plural ?? $"{Kind}s");

    /// <summary>What stands in <c>apiVersion</c>: <c>group/version</c>, or the version alone for the core group.</summary>
    public string GroupWithVersion => string.IsNullOrEmpty(Group) ? Version : $"{Group}/{Version}";

    // Kubernetes' names are lower-case by rule, which is the one normalisation that CA1308 does not mean.
#pragma warning disable CA1308
    private static string Lower(string name) => name.ToLowerInvariant();
#pragma warning restore CA1308
}
