using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LlmKube.Operator.Tests.Entities;

/// <summary>Manifests that must be accepted as they are, and some that must not.</summary>
[TestFixture]
internal sealed partial class ManifestsTests
{
    public static IEnumerable<TestCaseData> Accepted() =>
        from folder in new[] { "Operator.Tests/Entities/GoOperator", "deploy/samples" }
        from file in Directory.GetFiles(ApiCluster.InRepository(folder), "*.yaml").Order()
        from manifest in YamlManifests.Read(file)
        select new TestCaseData(manifest).SetArgDisplayNames(Path.GetFileNameWithoutExtension(file), $"{manifest["kind"]} {manifest["metadata"]!["name"]}");

    public static IEnumerable<TestCaseData> Refused() =>
        Directory.GetFiles(ApiCluster.InRepository("deploy", "samples", "invalid"), "*.yaml").Order()
            .Select(file => new TestCaseData(file).SetArgDisplayNames(Path.GetFileNameWithoutExtension(file)));

    [TestCaseSource(nameof(Accepted))]
    public async Task A_manifest_applies_unchanged(JsonObject manifest)
    {
        var answer = await ApiCluster.CreateAsync(manifest);

        Assert.That(answer.Code, Is.EqualTo(201), answer.Message);
        Assert.That(Missing(manifest["spec"], answer.Body["spec"], "spec"), Is.Empty);
    }

    [TestCaseSource(nameof(Refused))]
    public async Task A_mistaken_manifest_is_refused_with_the_field_that_its_comment_names(string file)
    {
        var field = CommentedField().Match(await File.ReadAllTextAsync(file)).Groups[1].Value;
        var answer = await ApiCluster.CreateAsync(YamlManifests.Read(file).Single());

        Assert.That(answer.Code, Is.EqualTo(422), answer.Message);
        Assert.That(field, Is.Not.Empty);
        Assert.That(answer.Message, Does.Contain(field));
    }

    // What no sample shows, nobody finds.
    [TestCase("models", "spec", "deletionPolicy refreshPolicy prefetchTolerations hardware.gpu.sharding.layerSplit")]
    [TestCase("inferenceservices", "spec.modelCache", "claimName persistence")]
    public void Every_field_is_in_a_sample(string plural, string below, string some)
    {
        var definition = YamlManifests.Read(ApiCluster.InRepository("deploy", "crds", $"inference.llmkube.dev_{plural}.yaml")).Single();
        var schema = below.Split('.').Aggregate(definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!, (node, name) => node["properties"]![name]!);
        var kind = (string)definition["spec"]!["names"]!["kind"]!;
        var fields = Fields(schema, below).ToList();
        var shown = Samples().Where(s => (string)s["kind"]! == kind).SelectMany(s => Shown(s["spec"], "spec")).ToHashSet();

        Assert.That(fields, Is.SupersetOf(some.Split(' ').Select(f => $"{below}.{f}")), "the fields are found");
        Assert.That(fields.Where(f => !shown.Contains(f)), Is.Empty);
    }

    [TestCase("https://")]
    [TestCase("hf://")]
    [TestCase("pvc://")]
    [TestCase("file:///")]
    [TestCase("/")]
    public void Every_form_of_a_source_is_in_a_sample(string begin) =>
        Assert.That(Samples().Select(s => (string?)s["spec"]!["source"]), Has.Some.StartsWith(begin));

    private static IEnumerable<JsonObject> Samples() => Directory.GetFiles(ApiCluster.InRepository("deploy", "samples"), "*.yaml").Order().SelectMany(YamlManifests.Read);

    private static IEnumerable<string> Fields(JsonNode schema, string path) =>
        schema["properties"] is JsonObject properties ? properties.SelectMany(p => Fields(p.Value!, $"{path}.{p.Key}")) : [path];

    private static IEnumerable<string> Shown(JsonNode? node, string path) => node is JsonObject map ? map.SelectMany(p => Shown(p.Value, $"{path}.{p.Key}")) : [path];

    // What was sent and is not in what was stored.
    private static IEnumerable<string> Missing(JsonNode? sent, JsonNode? stored, string path) => sent switch
    {
        JsonObject map => map.SelectMany(pair => Missing(pair.Value, (stored as JsonObject)?[pair.Key], $"{path}.{pair.Key}")),
        _ => JsonNode.DeepEquals(sent, stored) ? [] : [path],
    };

    [GeneratedRegex(@"^# Refused: (\S+) ")]
    private static partial Regex CommentedField();
}
