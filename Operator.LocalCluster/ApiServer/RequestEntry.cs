namespace LlmKube.Operator.LocalCluster.ApiServer;

/// <summary>One request that the server has answered, or for a watch: begun to answer.</summary>
/// <param name="User">Who sent it.</param>
/// <param name="Verb">get, list, watch, create, update, patch, delete or deletecollection; the lower-case HTTP method for paths that are no resource.</param>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Resource">The plural, such as <c>pods</c>.</param>
/// <param name="Subresource">Such as <c>status</c>; empty for the resource itself.</param>
/// <param name="Namespace">Empty for cluster-wide requests.</param>
/// <param name="Name">Empty for lists, watches and creations.</param>
/// <param name="StatusCode">The answer's HTTP status.</param>
/// <param name="DryRun">Nothing was stored.</param>
/// <param name="Path">The path with its query.</param>
/// <param name="Method">The HTTP method.</param>
public sealed record RequestEntry(
    string User, string Verb, string Group, string Resource, string Subresource, string Namespace, string Name, int StatusCode, bool DryRun, string Path, string Method)
{
    /// <summary>Whether the request could change something: a write that was no dry run and was not refused.</summary>
    public bool IsWrite => !DryRun && StatusCode < 400 && Verb is "create" or "update" or "patch" or "delete" or "deletecollection";
}
