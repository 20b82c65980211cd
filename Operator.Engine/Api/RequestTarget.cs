namespace LlmKube.Operator.Engine.Api;

/// <summary>What a request to an API server does to what, in the words of its audit log and of RBAC.</summary>
/// <param name="Verb"><c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, <c>update</c>, <c>patch</c>, <c>delete</c> or <c>deletecollection</c>.</param>
/// <param name="Resource">For instance <c>pods</c>, <c>pods/log</c>.</param>
internal readonly record struct RequestTarget(string Verb, string Resource)
{
    /// <summary>The target of a request; null if its path is not one of objects.</summary>
    public static RequestTarget? Of(HttpRequestMessage request)
    {
        if (request.RequestUri is not { IsAbsoluteUri: true } url) return null;
        var parts = url.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var at = parts switch
        {
            ["api", _, "namespaces", _, _, ..] => 4,
            ["api", _, _, ..] => 2,
            ["apis", _, _, "namespaces", _, _, ..] => 5,
            ["apis", _, _, _, ..] => 3,
            _ => parts.Length,
        };
        if (at == parts.Length) return null;
        var isNamed = parts.Length > at + 1;
        var resource = parts.Length > at + 2 ? $"{parts[at]}/{parts[at + 2]}" : parts[at];
        return new(VerbOf(request.Method, isNamed, url.Query), resource);
    }

    private static string VerbOf(HttpMethod method, bool isNamed, string query) => method.Method switch
    {
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => isNamed ? "delete" : "deletecollection",
        _ when isNamed => "get",
        _ => query.Contains("watch=true", StringComparison.Ordinal) ? "watch" : "list",
    };
}
