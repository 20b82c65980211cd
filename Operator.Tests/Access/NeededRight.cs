using k8s.Models;
using LlmKube.Operator.LocalCluster.ApiServer;

namespace LlmKube.Operator.Tests.Access;

/// <summary>
/// The right that a request takes, by the words of Kubernetes' documentation ("Determine the request verb", "Review your request attributes"). The API server of
/// these tests has code of its own for that: a mistake in it must not hide itself.
/// </summary>
/// <param name="Verb">As roles name it.</param>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Resource">The plural, with a subresource after a slash; a path that is no resource's as it is.</param>
/// <param name="Namespace">Empty: in all of them, or in none.</param>
/// <param name="Name">Empty where the request names none.</param>
internal sealed record NeededRight(string Verb, string Group, string Resource, string Namespace, string Name)
{
    /// <summary>Of a request, by its method and its path with query.</summary>
    public static NeededRight Of(string method, string pathAndQuery)
    {
        var (path, query) = pathAndQuery.Split('?') is [var before, var after] ? (before, after) : (pathAndQuery, "");
        string[] parts = [.. path.Trim('/').Split('/').Select(Uri.UnescapeDataString)];
        return parts switch
        {
            ["api", _, .. { Length: > 0 } rest] => OfResource(method, "", rest, query),
            ["apis", var group, _, .. { Length: > 0 } rest] => OfResource(method, group, rest, query),
            _ => new(method.ToLowerInvariant(), "", path, "", ""),
        };
    }

    /// <summary>Of a request that has been answered. A server-side apply that finds nothing there takes the right to create, too, and is answered as a creation.</summary>
    public static IEnumerable<NeededRight> Of(RequestEntry request)
    {
        var needed = Of(request.Method, request.Path);
        return needed.Verb == "patch" && request.StatusCode == 201 ? [needed, needed with { Verb = "create", Name = "" }] : [needed];
    }

    /// <summary>
    /// What a writer of an object needs where the admission plugin OwnerReferencesPermissionEnforcement is on, as in OpenShift: the deletion of an owner waits for the object,
    /// which is the same as to set a finalizer of the owner.
    /// </summary>
    public static IEnumerable<NeededRight> ToOwn(V1ObjectMeta child) =>
        from owner in child.OwnerReferences ?? []
        where owner.BlockOwnerDeletion == true
        let plural = $"{owner.Kind}s".ToLowerInvariant()
        select new NeededRight("update", owner.ApiVersion.Split('/')[0], $"{plural}/finalizers", child.NamespaceProperty, owner.Name);

    private static NeededRight OfResource(string method, string group, string[] parts, string query)
    {
        var (@namespace, rest) = parts is ["namespaces", var inside, not ("status" or "finalize"), ..] ? (inside, parts[2..]) : ("", parts);
        var name = rest.ElementAtOrDefault(1) ?? "";
        var resource = rest.Length > 2 ? $"{rest[0]}/{rest[2]}" : rest[0];
        return new(VerbOf(method, isNamed: name.Length > 0, IsWatch(query)), group, resource, @namespace, name);
    }

    private static string VerbOf(string method, bool isNamed, bool isWatch) => (method, isNamed) switch
    {
        ("GET" or "HEAD", true) => "get",
        ("GET" or "HEAD", false) => isWatch ? "watch" : "list",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", true) => "delete",
        ("DELETE", false) => "deletecollection",
        _ => throw new ArgumentException($"{method} has no verb", nameof(method)),
    };

    private static bool IsWatch(string query) => query.Split('&').Any(p => p is "watch=true" or "watch=1");
}
