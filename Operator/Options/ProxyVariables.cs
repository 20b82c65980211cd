namespace LlmKube.Operator.Options;

/// <summary>The usual variables that name proxies, as the operator has them: what fetches is told the same, since everybody who may read pods reads them.</summary>
/// <param name="Variables">Those that are passed on.</param>
/// <param name="Withheld">The names of those that are not, because a user or password is in them.</param>
internal sealed record ProxyVariables(IReadOnlyList<(string Name, string Value)> Variables, IReadOnlyList<string> Withheld)
{
    private static readonly string[] Names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"];

    /// <summary>None.</summary>
    public static ProxyVariables None { get; } = new([], []);

    /// <summary>Those of an environment.</summary>
    /// <param name="read">Gives the value of a variable.</param>
    public static ProxyVariables Of(Func<string, string?> read)
    {
        List<(string Name, string Value)> set = [.. Names.Select(n => (n, read(n) ?? "")).Where(v => v.Item2.Length > 0)];

        // Nothing else in the address of a proxy is an @, and no list of hosts has one.
        return new([.. set.Where(v => !v.Value.Contains('@'))], [.. set.Where(v => v.Value.Contains('@')).Select(v => v.Name)]);
    }
}
