using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using LlmKube.Operator.Cli.Assemblies;
using LlmKube.Operator.Cli.Commands;

namespace LlmKube.Operator.Cli.Crds;

/// <summary>Builds CustomResourceDefinitions (apiextensions.k8s.io/v1) from entity classes; one class is one version of a kind.</summary>
internal static class CrdBuilder
{
    /// <summary>The most bytes that a definition may take as JSON. Clients store it a second time in an annotation of 256 KiB at most.</summary>
    public const int MaxSize = 200 * 1024;

    // KubeOps has no attribute for categories: [assembly: AssemblyMetadata("KubernetesCategories", "a,b")] names them.
    private const string CategoriesKey = "KubernetesCategories";

    /// <summary>The definitions of all kinds in the assemblies, ordered by name.</summary>
    public static IReadOnlyList<JsonObject> Build(AssemblySet assemblies)
    {
        var documentation = new XmlDocumentation();
        return
        [
            .. EntityType.DefinedIn(assemblies)
                .GroupBy(e => e.CrdName)
                .OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => Smallest([.. g.OrderBy(e => e.Version, KubeVersion.NewestFirst)], documentation)),
        ];
    }

    public static string NameOf(JsonObject crd) => (string)crd["metadata"]!["name"]!;

    // The fullest that fits.
    private static JsonObject Smallest(IReadOnlyList<EntityType> versions, XmlDocumentation documentation)
    {
        var size = 0;
        foreach (var limit in Enum.GetValues<DescriptionLimit>())
        {
            var crd = Definition(versions, new SchemaBuilder(documentation, limit));
            size = Encoding.UTF8.GetByteCount(crd.ToJsonString());
            if (size <= MaxSize) return crd;
        }

        throw new CliException($"{versions[0].CrdName} takes {size} bytes, more than {MaxSize}: mark some fields [PreserveUnknownFields]");
    }

    private static JsonObject Definition(IReadOnlyList<EntityType> versions, SchemaBuilder schemas)
    {
        var newest = versions[0];
        if (versions.DistinctBy(v => v.Version).Count() != versions.Count) throw new CliException($"{newest.CrdName}: two classes claim one version");

        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = newest.CrdName },
            ["spec"] = new JsonObject
            {
                ["group"] = newest.Group,
                ["names"] = Names(newest),
                ["scope"] = newest.IsClusterScoped ? "Cluster" : "Namespaced",
                ["versions"] = new JsonArray([.. versions.Select(v => Version(v, v == Storage(versions), schemas))]),
            },
        };
    }

    private static EntityType Storage(IReadOnlyList<EntityType> versions)
    {
        var marked = versions.Where(v => v.Type.SchemaAttribute("StorageVersion") is not null).ToList();
        if (marked.Count > 1)
        {
            throw new CliException($"{versions[0].CrdName}: only one version can be stored, and {string.Join(" and ", marked.Select(v => v.Version))} are marked [StorageVersion]");
        }

        return marked.FirstOrDefault() ?? versions[0];
    }

    private static JsonObject Names(EntityType entity)
    {
        var names = new JsonObject();
        if (Texts(Categories(entity.Type.Assembly)) is { } categories) names["categories"] = categories;
        names["kind"] = entity.Kind;
        names["listKind"] = entity.Kind + "List";
        names["plural"] = entity.Plural;
        var shortNames = entity.Type.SchemaAttributes("KubernetesEntityShortNames").SelectMany(a => a.Values<string>("shortNames"));
        if (Texts(shortNames) is { } list) names["shortNames"] = list;
        names["singular"] = entity.Singular;
        return names;
    }

    private static IEnumerable<string> Categories(Assembly assembly) =>
        assembly.GetCustomAttributesData()
            .Where(a => a.AttributeType.FullName == typeof(AssemblyMetadataAttribute).FullName)
            .Select(a => new AttributeView(a))
            .Where(a => a.Value<string>("key") == CategoriesKey)
            .SelectMany(a => (a.Value<string>("value") ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static JsonArray? Texts(IEnumerable<string> texts) =>
        texts.ToArray() is { Length: > 0 } all ? new JsonArray([.. all.Select(t => JsonValue.Create(t))]) : null;

    private static JsonObject Version(EntityType entity, bool isStorage, SchemaBuilder schemas)
    {
        var schema = schemas.Entity(entity);
        // As for a C# caller: what is obsolete is still served, what is obsolete as an error no longer is.
        var obsolete = entity.Type.One("System.ObsoleteAttribute");
        var version = new JsonObject { ["name"] = entity.Version, ["served"] = obsolete?.Value<bool>("error") is not true, ["storage"] = isStorage };
        if (obsolete is not null)
        {
            version["deprecated"] = true;
            if (obsolete.Value<string>("message") is { } warning) version["deprecationWarning"] = warning;
        }

        if (PrinterColumns.Of(entity.Type, schema) is { Count: > 0 } columns) version["additionalPrinterColumns"] = columns;
        version["schema"] = new JsonObject { ["openAPIV3Schema"] = schema };
        if (Subresources(entity) is { Count: > 0 } subresources) version["subresources"] = subresources;
        return version;
    }

    private static JsonObject Subresources(EntityType entity)
    {
        var subresources = new JsonObject();
        if (entity.Type.SchemaAttribute("ScaleSubresource") is { } attribute)
        {
            var scale = new JsonObject();
            if (attribute.Value<string>("labelSelectorPath") is { } selector) scale["labelSelectorPath"] = selector;
            scale["specReplicasPath"] = attribute.Value<string>("specReplicasPath");
            scale["statusReplicasPath"] = attribute.Value<string>("statusReplicasPath");
            subresources["scale"] = scale;
        }

        if (entity.HasStatus) subresources["status"] = new JsonObject();
        return subresources;
    }
}
