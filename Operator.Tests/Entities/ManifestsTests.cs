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

    // What was sent and is not in what was stored.
    private static IEnumerable<string> Missing(JsonNode? sent, JsonNode? stored, string path) => sent switch
    {
        JsonObject map => map.SelectMany(pair => Missing(pair.Value, (stored as JsonObject)?[pair.Key], $"{path}.{pair.Key}")),
        _ => JsonNode.DeepEquals(sent, stored) ? [] : [path],
    };

    [GeneratedRegex(@"^# Refused: (\S+) ")]
    private static partial Regex CommentedField();
}
