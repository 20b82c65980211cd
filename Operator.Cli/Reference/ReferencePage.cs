using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LlmKube.Operator.Cli.Assemblies;
using LlmKube.Operator.Cli.Commands;
using LlmKube.Operator.Cli.Crds;

namespace LlmKube.Operator.Cli.Reference;

/// <summary>A page, as Markdown, about the kinds that assemblies define: each field by the words of <c>kubectl explain</c>.</summary>
internal static partial class ReferencePage
{
    private const string Intro = """
        # API reference

        <!-- Generated from the entities: `make generate` writes this file, `make verify` fails if it is stale. -->

        Every field of every kind, by the words that `kubectl explain` has for it. What a field's type calls Kubernetes' own is as in a pod:
        `kubectl explain` with the field's path lists what is in it. A field that is not required may be left out; what then holds is its default, or is said.

        """;

    /// <summary>The page.</summary>
    /// <param name="assemblies">Where kinds and constants are.</param>
    /// <param name="constants">Classes whose text constants are API too, by name: each gets a table.</param>
    /// <param name="selectable">Fields that objects can be selected by, as in <c>models.inference.llmkube.dev=.spec.source</c>.</param>
    public static string Of(AssemblySet assemblies, IReadOnlyList<string> constants, IReadOnlyList<string> selectable)
    {
        var documentation = new XmlDocumentation();
        var entities = EntityType.DefinedIn(assemblies).OrderByDescending(e => e.Kind, StringComparer.Ordinal).ToList();
        var vocabulary = constants.Select(name => assemblies.Types.FirstOrDefault(t => t.Name == name) ?? throw new CliException($"--constants: no class is called {name}")).ToList();
        var crds = CrdBuilder.Build(assemblies).ToDictionary(CrdBuilder.NameOf);

        var page = new StringBuilder(Intro).Append('\n');
        foreach (var heading in entities.Select(e => e.Kind).Concat(constants.Select(Heading))) page.Append(CultureInfo.InvariantCulture, $"- [{heading}](#{Slug(heading)})\n");
        foreach (var entity in entities) AppendKind(page, entity, crds[entity.CrdName], [.. selectable.Select(Split).Where(s => s.Crd == entity.CrdName).Select(s => s.Field)]);
        foreach (var type in vocabulary) AppendConstants(page, type, documentation);
        return page.ToString().ReplaceLineEndings("\n");
    }

    private static void AppendKind(StringBuilder page, EntityType entity, JsonObject crd, string[] selectable)
    {
        var (names, version) = (crd["spec"]!["names"]!, crd["spec"]!["versions"]!.AsArray().Single(v => (string)v!["name"]! == entity.Version)!);
        var schema = (JsonObject)version["schema"]!["openAPIV3Schema"]!;
        string AnchorOf(string path) => $"{names["singular"]}.{path}";

        page.Append(CultureInfo.InvariantCulture, $"\n## {entity.Kind}\n\n{Prose((string)schema["description"]!)}\n\n");
        page.Append(CultureInfo.InvariantCulture, $"`apiVersion: {entity.Group}/{entity.Version}`, `kind: {entity.Kind}`. ");
        page.Append(CultureInfo.InvariantCulture, $"To `kubectl` it is {Listed([names["singular"], names["plural"], .. names["shortNames"]?.AsArray() ?? []])}, in the category {Listed(names["categories"]?.AsArray() ?? [])}. ");
        page.Append(CultureInfo.InvariantCulture, $"Scope: {crd["spec"]!["scope"]}. Subresources: {Listed(((JsonObject)version["subresources"]!).Select(s => JsonValue.Create(s.Key)))}. ");
        page.Append(CultureInfo.InvariantCulture, $"Fields for `--field-selector`, beside `metadata.name` and `metadata.namespace`: {Listed(selectable.Select(s => JsonValue.Create(s.TrimStart('.'))))}.\n\n");
        page.Append("| column of `kubectl get` | shows | |\n|---|---|---|\n");
        foreach (var column in version["additionalPrinterColumns"]!.AsArray())
        {
            page.Append(CultureInfo.InvariantCulture, $"| {column!["name"]} | `{((string)column["jsonPath"]!).TrimStart('.')}` | {(column["priority"] is null ? "" : "with `-o wide`")} |\n");
        }

        foreach (var table in FieldTable.Of(entity, schema, AnchorOf)) AppendFields(page, entity.Kind, table, AnchorOf);
    }

    private static void AppendFields(StringBuilder page, string kind, FieldTable table, Func<string, string> anchorOf)
    {
        page.Append(CultureInfo.InvariantCulture, $"\n### {kind} {table.Path}\n\n");
        if (!table.Path.Contains('.', StringComparison.Ordinal)) page.Append(CultureInfo.InvariantCulture, $"<a id=\"{anchorOf(table.Path)}\"></a>{Prose((string)table.Schema["description"]!)}\n\n");
        page.Append("| field | type | default, limits | meaning |\n|---|---|---|---|\n");
        foreach (var field in table.Fields)
        {
            var path = $"{table.Path}.{field.Name}";
            string[] facts =
            [
                .. field.Required ? ["**required**"] : Array.Empty<string>(),
                .. field.Schema["default"] is { } value ? [$"default {Limits.Code(value)}"] : Array.Empty<string>(),
                .. Limits.Of(field.Schema),
            ];
            page.Append(CultureInfo.InvariantCulture, $"| <a id=\"{anchorOf(path)}\"></a>`{field.Name}` | {field.Type} | {Cell(string.Join("<br>", facts))} | {Cell(Prose((string)field.Schema["description"]!))} |\n");
        }
    }

    private static void AppendConstants(StringBuilder page, Type type, XmlDocumentation documentation)
    {
        page.Append(CultureInfo.InvariantCulture, $"\n## {Heading(type.Name)}\n\n{Prose(documentation.Of(type) ?? "")}\n\n| value | meaning |\n|---|---|\n");
        foreach (var constant in type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f is { IsLiteral: true, FieldType.FullName: "System.String" }))
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{constant.GetRawConstantValue()}` | {Cell(Prose(documentation.Of(constant) ?? ""))} |\n");
        }
    }

    private static (string Crd, string Field) Split(string selectable) =>
        selectable.Split('=', 2) is [var crd, var field] ? (crd, field) : throw new CliException($"--selectable {selectable}: say DEFINITION=.path");

    private static string Listed(IEnumerable<JsonNode?> words) => string.Join(", ", words.Select(Limits.Code)) is { Length: > 0 } listed ? listed : "none";

    // ConditionTypes is "Condition types".
    private static string Heading(string name) => WordBegin().Replace(name, m => " " + char.ToLowerInvariant(m.Value[0]));

#pragma warning disable CA1308 // Anchors are in lower case.
    private static string Slug(string heading) => heading.ToLowerInvariant().Replace(' ', '-');
#pragma warning restore CA1308

    private static string Prose(string text) => text.Replace("<", "&lt;", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal);

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("\n", "<br>", StringComparison.Ordinal);

    [GeneratedRegex("(?<=[a-z])[A-Z](?=[a-z])")]
    private static partial Regex WordBegin();
}
