using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.Machinery;
using LlmKube.Operator.LocalCluster.Tests.Machinery.Differential;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery;

/// <summary>Mistaken definitions, and the real server's words for them; where a cluster is named, it is asked again.</summary>
public sealed class CrdValidatorTests
{
    private const string Schema = "/spec/versions/0/schema/openAPIV3Schema";
    private const string At = "spec.validation.openAPIV3Schema";

    private static readonly Dictionary<string, (string Patch, string[] Errors)> Mistakes = new()
    {
        ["the name is not plural and group"] = (Replace("/metadata/name", "\"other.machinery.test\""),
            ["metadata.name: Invalid value: \"other.machinery.test\": must be spec.names.plural+\".\"+spec.group"]),
        ["no scope"] = ("""[{"op":"remove","path":"/spec/scope"}]""", ["spec.scope: Required value"]),
        ["an unknown scope"] = (Replace("/spec/scope", "\"Galaxy\""), ["spec.scope: Unsupported value: \"Galaxy\": supported values: \"Cluster\", \"Namespaced\""]),
        ["a field without a type"] = (Replace($"{Schema}/properties/spec/properties/note", "{}"),
            [$"{At}.properties[spec].properties[note].type: Required value: must not be empty for specified object fields"]),
        ["a list without items"] = (Replace($"{Schema}/properties/spec/properties/note", """{"type":"array"}"""),
            [$"{At}.properties[spec].properties[note].items: Required value: must be specified"]),
        ["an unknown type"] = (Replace($"{Schema}/properties/spec/properties/note", """{"type":"text"}"""),
            [$"{At}.properties[spec].properties[note].type: Unsupported value: \"text\": supported values: \"array\", \"boolean\", \"integer\", \"number\", \"object\", \"string\""]),
        ["unique items"] = (Replace($"{Schema}/properties/spec/properties/note", """{"type":"array","uniqueItems":true,"items":{"type":"string"}}"""),
            [$"{At}.properties[spec].properties[note].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic"]),
        ["structure in a branch"] = (Replace($"{Schema}/properties/spec/properties/choice/oneOf/0", """{"required":["left"],"description":"d"}"""),
            [$"{At}.properties[spec].properties[choice].oneOf[0].description: Forbidden: must be empty to be structural"]),
        ["a list map without keys"] = (Replace($"{Schema}/properties/spec/properties/note", """{"type":"array","x-kubernetes-list-type":"map","items":{"type":"object","properties":{"a":{"type":"string"}}}}"""),
            [$"{At}.properties[spec].properties[note].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map"]),
        ["a key that may be absent"] = (Replace($"{Schema}/properties/spec/properties/note", """{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["a"],"items":{"type":"object","properties":{"a":{"type":"string"}}}}"""),
            [$"{At}.properties[spec].properties[note].items.properties[a].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"]),
        ["properties and additionalProperties"] = (Replace($"{Schema}/properties/spec/properties/note", """{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":{"type":"string"}}"""),
            [$"{At}.properties[spec].properties[note].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive"]),
        ["no storage version"] = (Replace("/spec/versions/0/storage", "false"), ["spec.versions: must have exactly one version marked as storage version"]),
        ["a scale path outside of spec"] = (Replace("/spec/versions/0/subresources", """{"status":{},"scale":{"specReplicasPath":".status.n","statusReplicasPath":".status.n"}}"""),
            ["spec.subresources.scale.specReplicasPath: Invalid value: \".status.n\": should be a json path under .spec"]),
        ["a default that the schema refuses"] = (Replace($"{Schema}/properties/spec/properties/replicas/default", "11"),
            [$"{At}.properties[spec].properties[replicas].default: Invalid value: 11:  in body should be less than or equal to 10"]),
    };

    private static IEnumerable<TestCaseData> Stories => Mistakes.Keys.Select(story => new TestCaseData(story).SetArgDisplayNames(story));

    [Test]
    public void A_definition_without_mistakes_passes() => Assert.That(CrdValidator.Validate(Defaulted(Kind.ThingDefinition)), Is.Empty);

    [TestCaseSource(nameof(Stories))]
    public void A_mistake_is_named(string story) =>
        Assert.That(CrdValidator.Validate(Mistaken(story)).Select(Short), Is.EquivalentTo(Mistakes[story].Errors));

    [TestCaseSource(nameof(Stories))]
    public async Task The_real_server_says_the_same(string story)
    {
        using var server = ScenarioServer.Real();
        if (server is null)
        {
            Assert.Ignore("LLMKUBE_TEST_KUBECONFIG names no cluster");
        }

        var (_, status) = await server.SendAsync(HttpMethod.Post, "apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All", "application/json", Mistaken(story));
        var causes = status?["details"]?["causes"] as JsonArray ?? [];
        var errors = causes.Select(cause => new FieldError(cause!["field"]!.GetValue<string>(), "", cause["message"]!.GetValue<string>()));

        // The server says the same thing in more than one way where schemas are concerned; ours must be among it.
        Assert.That(Mistakes[story].Errors, Is.SubsetOf(errors.Select(Short)), status?.ToJsonString());
    }

    private static JsonObject Mistaken(string story) =>
        Defaulted((JsonObject)JsonPatch.Apply(Kind.ThingDefinition, (JsonArray)JsonNode.Parse(Mistakes[story].Patch)!));

    private static JsonObject Defaulted(JsonObject definition) =>
        BuiltInDefaults.Apply("apiextensions.k8s.io", "CustomResourceDefinition", definition);

    private static string Replace(string path, string value) => $$"""[{"op":"replace","path":"{{path}}","value":{{value}}}]""";

    // Whole lists of versions are shown as they are; that is not the point here.
    private static string Short(FieldError error) => error.Path is "spec.versions"
        ? $"spec.versions: {error.Message[(error.Message.LastIndexOf(": ", StringComparison.Ordinal) + 2)..]}"
        : error.ToString();
}
