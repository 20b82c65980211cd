using System.Text.Json.Nodes;

namespace LlmKube.Operator.Cli.Rbac;

/// <summary>What somebody may do: verbs, as RbacVerb's flags, on resources and on URLs that are none. Becomes the rules of a role, never with a wildcard.</summary>
internal sealed class Rights
{
    private const int All = 1;
    private const int AllExplicit = 256;

    // In the order in which Kubernetes' documentation lists them; the values are RbacVerb's.
    private static readonly (int Flag, string Name)[] Verbs =
        [(2, "get"), (4, "list"), (8, "watch"), (16, "create"), (32, "update"), (64, "patch"), (128, "delete")];

    private readonly SortedDictionary<(string Group, string Resource), int> _resources = [];
    private readonly SortedDictionary<string, int> _urls = new(StringComparer.Ordinal);

    public bool IsEmpty => _resources.Count == 0 && _urls.Count == 0;

    public static int Flag(string verb) => Verbs.Single(v => v.Name == verb).Flag;

    public void Add(string group, string resource, int flags) => _resources[(group, resource)] = _resources.GetValueOrDefault((group, resource)) | Explicit(flags);

    public void AddUrl(string url, int flags) => _urls[url] = _urls.GetValueOrDefault(url) | Explicit(flags);

    /// <summary>Those on some of the resources, by group and plural.</summary>
    public Rights On(Func<string, string, bool> isWanted)
    {
        var chosen = new Rights();
        foreach (var ((group, resource), flags) in _resources.Where(r => isWanted(r.Key.Group, r.Key.Resource))) chosen.Add(group, resource, flags);
        return chosen;
    }

    /// <summary>All but those on some of the resources.</summary>
    public Rights Without(Func<string, string, bool> isUnwanted)
    {
        var left = On((group, resource) => !isUnwanted(group, resource));
        foreach (var (url, flags) in _urls) left.AddUrl(url, flags);
        return left;
    }

    /// <summary>The rules of a role.</summary>
    public JsonArray Rules() => new JsonArray([.. ResourceRules(), .. UrlRules()]);

    /// <summary>The rules of a role for objects of one name. To create one takes the right to create any, since the request does not name it.</summary>
    public JsonArray RulesFor(string name)
    {
        var (named, unnamed) = (new Rights(), new Rights());
        foreach (var ((group, resource), flags) in _resources)
        {
            var create = flags & Flag("create");
            if (create != 0) unnamed.Add(group, resource, create);
            if (flags != create) named.Add(group, resource, flags & ~create);
        }

        List<JsonObject> rules = [.. named.ResourceRules()];
        foreach (var rule in rules) rule["resourceNames"] = Texts([name]);
        return new JsonArray([.. rules, .. unnamed.ResourceRules()]);
    }

    // One rule for all resources of a group with the same verbs.
    private IEnumerable<JsonObject> ResourceRules() =>
        _resources
            .GroupBy(r => (r.Key.Group, Flags: r.Value))
            .OrderBy(g => g.Key.Group, StringComparer.Ordinal)
            .ThenBy(g => g.Min(r => r.Key.Resource), StringComparer.Ordinal)
            .Select(g => new JsonObject
            {
                ["apiGroups"] = Texts([g.Key.Group]),
                ["resources"] = Texts(g.Select(r => r.Key.Resource).Order(StringComparer.Ordinal)),
                ["verbs"] = Texts(NamesOf(g.Key.Flags)),
            });

    private IEnumerable<JsonObject> UrlRules() =>
        _urls.GroupBy(u => u.Value).Select(g => new JsonObject
        {
            ["nonResourceURLs"] = Texts(g.Select(u => u.Key)),
            ["verbs"] = Texts(NamesOf(g.Key)),
        });

    private static int Explicit(int flags) => (flags & (All | AllExplicit)) != 0 ? Verbs.Sum(v => v.Flag) : flags;

    private static IEnumerable<string> NamesOf(int flags) => Verbs.Where(v => (flags & v.Flag) != 0).Select(v => v.Name);

    private static JsonArray Texts(IEnumerable<string> texts) => new JsonArray([.. texts.Select(t => JsonValue.Create(t))]);
}
