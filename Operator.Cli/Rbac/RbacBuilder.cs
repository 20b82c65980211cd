using System.Text.Json.Nodes;
using LlmKube.Operator.Cli.Assemblies;
using LlmKube.Operator.Cli.Commands;

namespace LlmKube.Operator.Cli.Rbac;

/// <summary>
/// Builds the rules of a ClusterRole from <c>[EntityRbac]</c> and <c>[GenericRbac]</c>: what they say and no more, never a
/// wildcard. As with KubeOps, a kind that has a status brings the rights to it; but only if the assemblies themselves define it: the
/// status of a foreign kind is for its own controller to write.
/// </summary>
internal static class RbacBuilder
{
    private const string EntityAttribute = "KubeOps.Abstractions.Rbac.EntityRbacAttribute";
    private const string GenericAttribute = "KubeOps.Abstractions.Rbac.GenericRbacAttribute";
    private const int All = 1;
    private const int AllExplicit = 256;

    // In the order in which Kubernetes' documentation lists them; the values are RbacVerb's.
    private static readonly (int Flag, string Name)[] Verbs =
        [(2, "get"), (4, "list"), (8, "watch"), (16, "create"), (32, "update"), (64, "patch"), (128, "delete")];

    public static JsonArray Rules(AssemblySet assemblies)
    {
        var own = EntityType.DefinedIn(assemblies).Select(e => e.CrdName).ToHashSet();
        var resources = new SortedDictionary<(string Group, string Resource), int>();
        var urls = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var type in assemblies.Types)
        {
            foreach (var attribute in type.All(EntityAttribute)) AddEntities(resources, attribute, own, type);
            foreach (var attribute in type.All(GenericAttribute)) AddGeneric(resources, urls, attribute, type);
        }

        return new JsonArray([.. ResourceRules(resources), .. UrlRules(urls)]);
    }

    private static void AddEntities(SortedDictionary<(string, string), int> resources, AttributeView attribute, HashSet<string> own, Type on)
    {
        foreach (var entity in attribute.Values<Type>("entities"))
        {
            var kind = EntityType.Of(entity) ?? throw new CliException($"{on.FullName}: [EntityRbac] names {entity.Name}, which has no [KubernetesEntity]");
            Add(resources, kind.Group, kind.Plural, Flags(attribute, on));
            if (own.Contains(kind.CrdName) && kind.HasStatus) Add(resources, kind.Group, kind.Plural + "/status", Flag("get") | Flag("update") | Flag("patch"));
        }
    }

    private static void AddGeneric(
        SortedDictionary<(string, string), int> resources, SortedDictionary<string, int> urls, AttributeView attribute, Type on)
    {
        var flags = Flags(attribute, on);
        foreach (var url in attribute.Values<string>("Urls")) urls[url] = urls.GetValueOrDefault(url) | flags;
        foreach (var resource in attribute.Values<string>("Resources"))
        {
            foreach (var group in attribute.Values<string>("Groups").DefaultIfEmpty(string.Empty)) Add(resources, group, resource, flags);
        }
    }

    private static void Add(SortedDictionary<(string, string), int> resources, string group, string resource, int flags) =>
        resources[(group, resource)] = resources.GetValueOrDefault((group, resource)) | flags;

    private static int Flag(string verb) => Verbs.Single(v => v.Name == verb).Flag;

    private static int Flags(AttributeView attribute, Type on)
    {
        var flags = attribute.Number("Verbs");
        if (flags == 0) throw new CliException($"{on.FullName}: an RBAC attribute names no verbs");
        return (flags & (All | AllExplicit)) != 0 ? Verbs.Sum(v => v.Flag) : flags;
    }

    // One rule for all resources of a group with the same verbs.
    private static IEnumerable<JsonObject> ResourceRules(SortedDictionary<(string Group, string Resource), int> resources) =>
        resources
            .GroupBy(r => (r.Key.Group, Flags: r.Value))
            .OrderBy(g => g.Key.Group, StringComparer.Ordinal)
            .ThenBy(g => g.Min(r => r.Key.Resource), StringComparer.Ordinal)
            .Select(g => new JsonObject
            {
                ["apiGroups"] = Texts([g.Key.Group]),
                ["resources"] = Texts(g.Select(r => r.Key.Resource).Order(StringComparer.Ordinal)),
                ["verbs"] = Texts(NamesOf(g.Key.Flags)),
            });

    private static IEnumerable<JsonObject> UrlRules(SortedDictionary<string, int> urls) =>
        urls.GroupBy(u => u.Value).Select(g => new JsonObject
        {
            ["nonResourceURLs"] = Texts(g.Select(u => u.Key)),
            ["verbs"] = Texts(NamesOf(g.Key)),
        });

    private static IEnumerable<string> NamesOf(int flags) => Verbs.Where(v => (flags & v.Flag) != 0).Select(v => v.Name);

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => JsonValue.Create(t))]);
}
