using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LlmKube.Operator.Cli.Assemblies;
using LlmKube.Operator.Cli.Crds;

namespace LlmKube.Operator.Cli.Reference;

/// <summary>A field of an object.</summary>
/// <param name="Name">As it is written in manifests.</param>
/// <param name="Type">In words, such as "list of string"; of an object of ours with a link to its table.</param>
/// <param name="Schema">What the definition says of it.</param>
/// <param name="Required">Whether an object without it is refused.</param>
internal sealed record Field(string Name, string Type, JsonObject Schema, bool Required);

/// <summary>The fields of one object of a kind, in the order in which its class has them.</summary>
/// <param name="Path">Where it is in the kind, such as "spec.hardware.gpu".</param>
/// <param name="Schema">What the definition says of the object itself.</param>
/// <param name="Fields">Its fields.</param>
internal sealed partial record FieldTable(string Path, JsonObject Schema, IReadOnlyList<Field> Fields)
{
    /// <summary>The objects of a kind, each before those in it. Kubernetes' own are not among them: Kubernetes documents these.</summary>
    /// <param name="entity">The kind.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="anchorOf">The anchor of an object's table, by its path.</param>
    public static IEnumerable<FieldTable> Of(EntityType entity, JsonObject schema, Func<string, string> anchorOf) =>
        SchemaBuilder.Serialised(entity.Type).Where(p => p.Name is "Spec" or "Status").OrderBy(p => p.Name, StringComparer.Ordinal).SelectMany(p =>
        {
            var name = SchemaBuilder.NameOf(p);
            return Of(p.PropertyType, (JsonObject)schema["properties"]![name]!, name, anchorOf);
        });

    private static IEnumerable<FieldTable> Of(Type type, JsonObject schema, string path, Func<string, string> anchorOf)
    {
        var required = ((JsonArray?)schema["required"] ?? []).Select(n => (string)n!).ToHashSet();
        var fields = SchemaBuilder.Serialised(type).Select(p => (Property: p, Name: SchemaBuilder.NameOf(p))).ToList();
        JsonObject SchemaOf(string name) => (JsonObject)schema["properties"]![name]!;

        yield return new(path, schema, [.. fields.Select(f => FieldOf(f.Property.PropertyType, f.Name))]);
        foreach (var (property, name) in fields)
        {
            var (element, inner) = (ElementOf(property.PropertyType), ElementOf(SchemaOf(name)));
            if (KubernetesTypes.IsKubernetes(element) || inner["properties"] is null) continue;
            foreach (var table in Of(element, inner, $"{path}.{name}", anchorOf)) yield return table;
        }

        Field FieldOf(Type of, string name) => new(name, Words(of, SchemaOf(name), anchorOf($"{path}.{name}")), SchemaOf(name), required.Contains(name));
    }

    private static string Words(Type type, JsonObject schema, string anchor)
    {
        var element = ElementOf(type);
        var (one, inner) = (KubernetesTypes.IsKubernetes(element) ? $"Kubernetes' {KubernetesName().Replace(element.Name, "")}" : null, ElementOf(schema));
        one ??= inner["properties"] is not null ? $"[object](#{anchor})" : (string?)inner["format"] == "date-time" ? "time" : (string?)inner["type"] ?? "any";
        return ReferenceEquals(inner, schema) ? one : schema["items"] is not null ? $"list of {one}" : $"map of {one}";
    }

    private static Type ElementOf(Type type) =>
        ScalarTypes.WithoutNullable(CollectionTypes.DictionaryValue(type, type.Name) ?? CollectionTypes.Element(type) ?? type);

    private static JsonObject ElementOf(JsonObject schema) => (JsonObject?)(schema["items"] ?? schema["additionalProperties"]) ?? schema;

    // KubernetesClient's V1LocalObjectReference is Kubernetes' LocalObjectReference.
    [GeneratedRegex(@"^(Core|Apps|Batch)?V[0-9]+((alpha|beta)[0-9]+)?")]
    private static partial Regex KubernetesName();
}
