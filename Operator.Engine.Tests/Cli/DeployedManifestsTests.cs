using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using LlmKube.Operator.Cli.Assemblies;
using LlmKube.Operator.Cli.Crds;
using LlmKube.Operator.Cli.Manifests;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Engine.Tests.Cli;

/// <summary>The definitions in deploy/crds; <c>make generate</c> writes them.</summary>
[TestFixture]
internal sealed class DeployedManifestsTests
{
    private static readonly string Repository = typeof(DeployedManifestsTests).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryFolder").Value!;

    private IReadOnlyList<JsonObject> _crds = [];

    [OneTimeSetUp]
    public void Build()
    {
        using var set = AssemblySet.Open([typeof(Model).Assembly.Location]);
        _crds = CrdBuilder.Build(set);
    }

    [TestCase("models")]
    [TestCase("inferenceservices")]
    public void They_are_what_the_entities_say(string plural)
    {
        var deployed = File.ReadAllText(Path.Combine(Repository, "deploy", "crds", $"inference.llmkube.dev_{plural}.yaml"));

        Assert.That(Yaml.Write(Crd(plural)), Is.EqualTo(deployed), "deploy/crds is stale: run `make generate`");
    }

    [TestCase("models")]
    [TestCase("inferenceservices")]
    public void Every_field_is_described(string plural)
    {
        var schema = (JsonObject)Crd(plural)["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!;

        Assert.That(Undescribed(schema, plural), Is.Empty);
    }

    [TestCase("models")]
    [TestCase("inferenceservices")]
    public void They_are_small_enough_for_every_client(string plural) =>
        Assert.That(Encoding.UTF8.GetByteCount(Crd(plural).ToJsonString()), Is.LessThan(200 * 1024));

    private JsonObject Crd(string plural) => _crds.Single(c => (string)c["spec"]!["names"]!["plural"]! == plural);

    // metadata is described by the API server itself.
    private static IEnumerable<string> Undescribed(JsonObject schema, string path) =>
        (schema.ContainsKey("description") || path.EndsWith(".metadata", StringComparison.Ordinal) ? [] : new[] { path })
            .Concat(((JsonObject?)schema["properties"] ?? []).SelectMany(p => Undescribed((JsonObject)p.Value!, $"{path}.{p.Key}")))
            .Concat(schema["items"] is JsonObject items && items.ContainsKey("properties") ? Undescribed(items, path + "[]") : []);
}
