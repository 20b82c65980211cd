namespace LlmKube.Operator.LocalCluster.ApiServer.Requests;

/// <summary>What a request is about, read from its method and path.</summary>
internal sealed record RequestInfo
{
    /// <summary>get, list, watch, create, update, patch, delete or deletecollection; the lower-case method for paths that are no resource.</summary>
    public required string Verb { get; init; }

    public required string Path { get; init; }

    public bool IsResource { get; init; }

    public string Group { get; init; } = "";

    public string Version { get; init; } = "";

    public string Resource { get; init; } = "";

    public string Subresource { get; init; } = "";

    /// <summary>Empty for cluster-wide requests.</summary>
    public string Namespace { get; init; } = "";

    public string Name { get; init; } = "";

    public static RequestInfo Of(string method, string path, bool watch)
    {
        var parts = path.Trim('/').Split('/').Select(Uri.UnescapeDataString).ToArray();
        var isCore = parts is ["api", _, _, ..];
        if (!isCore && parts is not ["apis", _, _, _, ..]) return new() { Verb = method.ToLowerInvariant(), Path = path };
        var (group, version, rest) = isCore ? ("", parts[1], parts[2..]) : (parts[1], parts[2], parts[3..]);
        var @namespace = "";
        if (rest is ["namespaces", var ns, var next, ..] && next is not ("status" or "finalize"))
        {
            @namespace = ns;
            rest = rest[2..];
        }
        else if (rest is ["namespaces", var own, ..] && isCore)
        {
            @namespace = own;
        }

        var name = rest.Length > 1 ? rest[1] : "";
        return new()
        {
            Verb = VerbOf(method, name.Length > 0, watch),
            Path = path,
            IsResource = true,
            Group = group,
            Version = version,
            Resource = rest[0],
            Namespace = @namespace,
            Name = name,
            Subresource = string.Join('/', rest.Skip(2)),
        };
    }

    private static string VerbOf(string method, bool named, bool watch) => method switch
    {
        "GET" or "HEAD" => named ? "get" : watch ? "watch" : "list",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => named ? "delete" : "deletecollection",
        _ => method.ToLowerInvariant(),
    };
}
