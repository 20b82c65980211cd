namespace LlmKube.Operator.Tracing;

/// <summary>Turns the path of a request to the API server into its pattern, which is the same for all objects of a kind.</summary>
internal static class UrlTemplates
{
    private const string Namespaces = "namespaces";

    /// <summary>The pattern, for instance <c>/apis/apps/v1/namespaces/{namespace}/deployments/{name}/status</c>; null for what is no path of objects.</summary>
    public static string? Of(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var resource = parts switch
        {
            ["api", _, _, ..] => 2,
            ["apis", _, _, _, ..] => 3,
            _ => 0,
        };
        if (resource == 0) return null;

        // namespaces/{name} itself is an object like others.
        if (parts[resource] == Namespaces && parts.Length > resource + 2)
        {
            parts[resource + 1] = "{namespace}";
            resource += 2;
        }

        if (parts.Length > resource + 1) parts[resource + 1] = "{name}";
        return '/' + string.Join('/', parts);
    }
}
