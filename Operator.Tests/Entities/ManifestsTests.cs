using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Models;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tests.InferenceServices;
using LlmKube.Operator.Tests.Models;

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

    public static IEnumerable<TestCaseData> Refused() => Mistaken("Refused");

    public static IEnumerable<TestCaseData> RefusedByRule() => Mistaken("Refused by CEL");

    public static IEnumerable<TestCaseData> Failed() => Mistaken("Failed");

    [TestCaseSource(nameof(Accepted))]
    public async Task A_manifest_applies_unchanged(JsonObject manifest)
    {
        var answer = await ApiCluster.CreateAsync(manifest);

        Assert.That(answer.Code, Is.EqualTo(201), answer.Message);
        Assert.That(Missing(manifest["spec"], answer.Body["spec"], "spec"), Is.Empty);
    }

    [Test]
    public void Mistaken_manifests_each_say_what_becomes_of_them() =>
        Assert.That(MistakenFiles().Select(f => CommentOf(f).Fate).Distinct(), Is.EquivalentTo(["Refused", "Refused by CEL", "Failed"]));

    [TestCaseSource(nameof(Refused))]
    public async Task A_mistaken_manifest_is_refused_with_the_field_that_its_comment_names(string file)
    {
        var answer = await ApiCluster.CreateAsync(YamlManifests.Read(file).Single());

        Assert.That(answer.Code, Is.AnyOf(400, 422), answer.Message);
        Assert.That(answer.Message, Does.Contain(CommentOf(file).Field));
    }

    // Who got past an API server without CEL is told the same by the operator.
    [TestCaseSource(nameof(RefusedByRule))]
    public async Task A_manifest_that_a_rule_refuses_is_refused_or_fails_with_the_field_that_its_comment_names(string file)
    {
        var (manifest, field) = (YamlManifests.Read(file).Single(), CommentOf(file).Field);
        var answer = await ApiCluster.CreateAsync(manifest);

        Assert.That(answer.Code, Is.EqualTo(ApiCluster.IsReal ? 422 : 201), answer.Message);
        if (ApiCluster.IsReal) Assert.That(answer.Message, Does.Contain(field));
        Assert.That(FailuresOf(manifest), Has.Some.Contain(field));
    }

    [TestCaseSource(nameof(Failed))]
    public async Task A_manifest_that_no_schema_refuses_fails_with_the_field_that_its_comment_names(string file)
    {
        var manifest = YamlManifests.Read(file).Single();
        var answer = await ApiCluster.CreateAsync(manifest);

        Assert.That(answer.Code, Is.EqualTo(201), answer.Message);
        Assert.That(FailuresOf(manifest), Has.Some.Contain(CommentOf(file).Field));
    }

    // What no sample shows, nobody finds; and the Go operator's fields are all to be in what is tried of its manifests.
    [TestCase("deploy/crds/inference.llmkube.dev_models.yaml", "deploy/samples", "spec", "deletionPolicy refreshPolicy prefetchTolerations hardware.gpu.sharding.layerSplit")]
    [TestCase("deploy/crds/inference.llmkube.dev_inferenceservices.yaml", "deploy/samples", "spec.modelCache", "claimName persistence")]
    [TestCase("Operator.Tests/Entities/OlderDefinitions/go-operator/models.yaml", "Operator.Tests/Entities/GoOperator", "spec", "hardware.gpu.layers resources.cpu")]
    [TestCase("Operator.Tests/Entities/OlderDefinitions/go-operator/inferenceservices.yaml", "Operator.Tests/Entities/GoOperator", "spec", "modelRef endpoint.type resources.gpuMemory")]
    public void Every_field_is_in_a_sample(string definitionFile, string folder, string below, string some)
    {
        var definition = YamlManifests.Read(ApiCluster.InRepository(definitionFile)).Single();
        var schema = below.Split('.').Aggregate(definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!, (node, name) => node["properties"]![name]!);
        var kind = (string)definition["spec"]!["names"]!["kind"]!;
        var fields = Fields(schema, below).ToList();
        var shown = Samples(folder).Where(s => (string)s["kind"]! == kind).SelectMany(s => Shown(s["spec"], "spec")).ToHashSet();

        Assert.That(fields, Is.SupersetOf(some.Split(' ').Select(f => $"{below}.{f}")), "the fields are found");
        Assert.That(fields.Where(f => !shown.Contains(f)), Is.Empty);
    }

    [TestCase("https://")]
    [TestCase("hf://")]
    [TestCase("pvc://")]
    [TestCase("file:///")]
    [TestCase("/")]
    public void Every_form_of_a_source_is_in_a_sample(string begin) =>
        Assert.That(Samples("deploy/samples").Select(s => (string?)s["spec"]!["source"]), Has.Some.StartsWith(begin));

    // A rule that no mistaken manifest shows may as well not be there. Mere lengths are shown by LimitsTests.
    [TestCase(typeof(ModelSpec), "model-", "spec.sha256 spec.hardware.gpu.count")]
    [TestCase(typeof(InferenceServiceSpec), "service-", "spec.env spec.resources.gpuSharing.profile")]
    public void Every_field_with_a_rule_is_in_a_mistaken_manifest(Type spec, string begin, string some)
    {
        var shown = MistakenFiles().Where(f => Path.GetFileName(f).StartsWith(begin, StringComparison.Ordinal)).Select(f => CommentOf(f).Field.Split('[')[0]);
        var ruled = Ruled(spec, "spec").ToList();

        Assert.That(ruled, Is.SupersetOf(some.Split(' ')), "the rules are found");
        Assert.That(ruled.Except(shown), Is.Empty);
    }

    [Test]
    public async Task Every_CEL_rule_refuses_a_mistaken_manifest()
    {
        if (!ApiCluster.IsReal) Assert.Ignore("needs an API server that evaluates CEL rules: LLMKUBE_TEST_KUBECONFIG");
        var answers = new List<string>();
        foreach (var file in MistakenFiles()) answers.Add((await ApiCluster.CreateAsync(YamlManifests.Read(file).Single())).Message);
        var words = Directory.GetFiles(ApiCluster.InRepository("deploy", "crds"), "inference.*.yaml").SelectMany(f => Rules(YamlManifests.Read(f).Single())).Distinct().ToList();

        Assert.That(words, Is.Not.Empty);
        Assert.That(words.Where(w => !answers.Any(a => a.Contains(w, StringComparison.Ordinal))), Is.Empty);
    }

    private static IEnumerable<string> Ruled(Type type, string path) => type.GetProperties()
        .SelectMany(p =>
        {
            var field = $"{path}.{JsonNamingPolicy.CamelCase.ConvertName(p.Name)}";
            return Ruled((MemberInfo)p, field).Concat(p.PropertyType.Namespace == typeof(ModelSpec).Namespace ? Ruled(p.PropertyType, field) : []);
        })
        .Concat(Ruled((MemberInfo)type, path))
        .Distinct();

    private static IEnumerable<string> Ruled(MemberInfo member, string path) =>
        member.GetCustomAttributes().Where(IsRule).Select(rule => path + (rule as ValidationRuleAttribute)?.FieldPath);

    private static bool IsRule(Attribute attribute) =>
        attribute is EnumValuesAttribute or PatternAttribute or RangeMinimumAttribute or RangeMaximumAttribute or RequiredAttribute or XListMapKeysAttribute or ValidationRuleAttribute;

    private static IEnumerable<string> Rules(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(p => p.Key == "x-kubernetes-validations" ? p.Value!.AsArray().Select(r => (string)r!["message"]!) : Rules(p.Value)),
        JsonArray list => list.SelectMany(Rules),
        _ => [],
    };

    private static IEnumerable<JsonObject> Samples(string folder) => Directory.GetFiles(ApiCluster.InRepository(folder), "*.yaml").Order().SelectMany(YamlManifests.Read);

    private static IEnumerable<string> Fields(JsonNode schema, string path) =>
        schema["properties"] is JsonObject properties ? properties.SelectMany(p => Fields(p.Value!, $"{path}.{p.Key}")) : [path];

    private static IEnumerable<string> Shown(JsonNode? node, string path) =>
        node is JsonObject map ? map.SelectMany(p => Shown(p.Value, $"{path}.{p.Key}")).Prepend(path) : [path];

    // What was sent and is not in what was stored.
    private static IEnumerable<string> Missing(JsonNode? sent, JsonNode? stored, string path) => sent switch
    {
        JsonObject map => map.SelectMany(pair => Missing(pair.Value, (stored as JsonObject)?[pair.Key], $"{path}.{pair.Key}")),
        _ => JsonNode.DeepEquals(sent, stored) ? [] : [path],
    };

    private static IEnumerable<string> MistakenFiles() => Directory.GetFiles(ApiCluster.InRepository("deploy", "samples", "invalid"), "*.yaml").Order();

    private static IEnumerable<TestCaseData> Mistaken(string fate) =>
        MistakenFiles().Where(f => CommentOf(f).Fate == fate).Select(f => new TestCaseData(f).SetArgDisplayNames(Path.GetFileNameWithoutExtension(f)));

    private static (string Fate, string Field) CommentOf(string file) =>
        Comment().Match(File.ReadLines(file).First()) is { Success: true } match ? (match.Groups["fate"].Value, match.Groups["field"].Value) : ($"{file} does not say", "");

    // What the operator says of an object that is stored: by its own kind, and of a Model by what serves it.
    private static IEnumerable<string> FailuresOf(JsonObject manifest)
    {
        if ((string)manifest["kind"]! != Model.KubeKind)
        {
            var service = Of<InferenceService>(manifest);
            return MessageOf(ServiceDecider.Decide(A.Seen(service)).Status is { Phase: InferenceServicePhases.Failed } status ? status.Conditions : []);
        }

        var model = Of<Model>(manifest);
        var own = ModelDecider.Decide(Seen.Of(model)).Status;
        model.Status = A.Model().Status;
        var served = ServiceDecider.Decide(A.Seen(model: model)).Status;
        return [.. MessageOf(own.Phase == ModelPhases.Failed ? own.Conditions : []), .. MessageOf(served.Phase == InferenceServicePhases.Failed ? served.Conditions : [])];
    }

    private static IEnumerable<string> MessageOf(IList<V1Condition>? conditions) => conditions.Find(ConditionTypes.Degraded) is { Status: "True" } trouble ? [trouble.Message] : [];

    private static T Of<T>(JsonObject manifest)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var entity = KubernetesJson.Deserialize<T>(manifest.ToJsonString());
        (entity.Metadata.NamespaceProperty, entity.Metadata.Uid, entity.Metadata.Generation) = (A.Namespace, "uid", 1);
        return entity;
    }

    [GeneratedRegex(@"^# (?<fate>Refused|Refused by CEL|Failed): (?<field>spec\.\S+) .*\.$")]
    private static partial Regex Comment();
}
