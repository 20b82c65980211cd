using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;

namespace LlmKube.Operator.LocalCluster.ApiServer.Authorization;

/// <summary>What someone wants to do: a verb on a resource, or on a path that is none.</summary>
internal sealed record AccessRequest(string Verb, string Group, string Resource, string Subresource, string Namespace, string Name, string? Path)
{
    private const string All = "*";

    public static AccessRequest Of(RequestInfo info) =>
        new(info.Verb, info.Group, info.Resource, info.Subresource, info.Namespace, info.Name, info.IsResource ? null : info.Path);

    public bool IsAllowedBy(JsonObject rule)
    {
        if (!Has(rule, "verbs", Verb)) return false;
        if (Path is not null) return rule.Texts("nonResourceURLs").Any(url => url == All || url == Path || (url.EndsWith('*') && Path.StartsWith(url[..^1], StringComparison.Ordinal)));
        if (!Has(rule, "apiGroups", Group) || !rule.Texts("resources").Any(Covers)) return false;
        var names = rule.Texts("resourceNames");
        return names.Count == 0 || names.Contains(Name);
    }

    /// <summary>The refusal in a real API server's words.</summary>
    public ApiException Refusal(User user)
    {
        if (Path is not null) return ApiException.Forbidden($"User \"{user.Name}\" cannot {Verb} path \"{Path}\"");
        var resource = new GroupResource(Group, Resource);
        var what = Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";
        var where = Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{Namespace}\"";
        return ApiException.Forbidden(resource, Name, $"User \"{user.Name}\" cannot {Verb} resource \"{what}\" in API group \"{Group}\" {where}");
    }

    private bool Covers(string resource) => resource == All
        || resource == (Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}")
        || (Subresource.Length > 0 && resource == $"*/{Subresource}");

    private static bool Has(JsonObject rule, string field, string value) => rule.Texts(field) is var list && (list.Contains(All) || list.Contains(value));
}
