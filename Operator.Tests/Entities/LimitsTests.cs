using System.Text.Json.Nodes;

namespace LlmKube.Operator.Tests.Entities;

/// <summary>The limits of every field, at the server.</summary>
[TestFixture]
internal sealed class LimitsTests
{
    private static readonly string Long = new('a', 3000);

    private static readonly Dictionary<string, (string Field, JsonNode? Value)> Cases = new()
    {
        ["a model's source must name a .gguf file"] = ("Model spec.source", "https://h/model.bin"),
        ["a model's source has a scheme that can be fetched"] = ("Model spec.source", "ftp://h/model.gguf"),
        ["a model's source is not endless"] = ("Model spec.source", $"https://h/{Long}.gguf"),
        ["a model's format is gguf"] = ("Model spec.format", "safetensors"),
        ["an accelerator is one of four"] = ("Model spec.hardware.accelerator", "vulkan"),
        ["a vendor is one of three"] = ("Model spec.hardware.gpu.vendor", "apple"),
        ["a GPU count is not negative"] = ("Model spec.hardware.gpu.count", -1),
        ["a GPU count is at most 8"] = ("Model spec.hardware.gpu.count", 9),
        ["layers are -1 at least"] = ("Model spec.hardware.gpu.layers", -2),
        ["a sharding strategy is one of three"] = ("Model spec.hardware.gpu.sharding.strategy", "row"),
        ["a model's CPU is a quantity"] = ("Model spec.resources.cpu", "two"),
        ["a model's memory is not negative"] = ("Model spec.resources.memory", "-1Gi"),
        ["replicas are not negative"] = ("InferenceService spec.replicas", -1),
        ["replicas are at most 10"] = ("InferenceService spec.replicas", 11),
        ["replicas are a number"] = ("InferenceService spec.replicas", "2"),
        ["a model is named by a name"] = ("InferenceService spec.modelRef", "My_Model"),
        ["a model's name is not empty"] = ("InferenceService spec.modelRef", ""),
        ["a port is not 0"] = ("InferenceService spec.endpoint.port", 0),
        ["a port is at most 65535"] = ("InferenceService spec.endpoint.port", 65536),
        ["a path has no white space"] = ("InferenceService spec.endpoint.path", "/v 1"),
        ["a service type is one of three"] = ("InferenceService spec.endpoint.type", "ExternalName"),
        ["GPUs are at most 8"] = ("InferenceService spec.resources.gpu", 9),
        ["CPU is a quantity"] = ("InferenceService spec.resources.cpu", "abc"),
        ["memory is a quantity"] = ("InferenceService spec.resources.memory", "4 Gi"),
        ["a context has 128 tokens at least"] = ("InferenceService spec.contextSize", 127),
        ["a context has 131072 tokens at most"] = ("InferenceService spec.contextSize", 131073),
        ["slots are 1 at least"] = ("InferenceService spec.parallelSlots", 0),
        ["slots are 64 at most"] = ("InferenceService spec.parallelSlots", 65),
        ["a priority is one of five"] = ("InferenceService spec.priority", "urgent"),
    };

    private static readonly string[] Quantities = ["1", "0", "0.5", "500m", "2000m", "4Gi", "1.5Gi", "100M", "1e3", "1E3", "12E", "1Ei", "10k", ".5", "5.", "+1"];

    private static readonly string[] Sources =
    [
        "https://h/m.gguf", "http://h:8080/a/b.gguf", "file:///mnt/m.gguf", "/mnt/models/m.gguf", "https://h/m.gguf?download=true", "https://h/m.gguf#x",
        "https://h/with space.gguf",
    ];

    public static IEnumerable<string> Stories => Cases.Keys;

    public static IEnumerable<string> GoodQuantities => Quantities;

    public static IEnumerable<string> GoodSources => Sources;

    [TestCaseSource(nameof(Stories))]
    public async Task Out_of_range(string story)
    {
        var (kind, path) = (Cases[story].Field.Split(' ')[0], Cases[story].Field.Split(' ')[1]);
        var answer = await ApiCluster.CreateAsync(With(Valid(kind), path, Cases[story].Value));

        Assert.That(answer.Code, Is.EqualTo(422), answer.Message);
        Assert.That(answer.Message, Does.Contain(path));
    }

    [TestCaseSource(nameof(GoodQuantities))]
    public async Task A_quantity_in_any_of_its_forms(string quantity)
    {
        var answer = await ApiCluster.CreateAsync(With(Valid("InferenceService"), "spec.resources.memory", quantity));

        Assert.That(answer.Code, Is.EqualTo(201), answer.Message);
    }

    [TestCaseSource(nameof(GoodSources))]
    public async Task A_source_in_any_of_its_forms(string source)
    {
        var answer = await ApiCluster.CreateAsync(With(Valid("Model"), "spec.source", source));

        Assert.That(answer.Code, Is.EqualTo(201), answer.Message);
    }

    [TestCase("Model", "spec.source")]
    [TestCase("InferenceService", "spec.modelRef")]
    public async Task A_required_field_that_is_missing_is_named(string kind, string field)
    {
        var manifest = Valid(kind);
        ((JsonObject)manifest["spec"]!).Remove(field.Split('.')[1]);
        var answer = await ApiCluster.CreateAsync(manifest);

        Assert.That(answer.Code, Is.EqualTo(422));
        Assert.That(answer.Message, Does.Contain($"{field}: Required value"));
    }

    [TestCase("Model")]
    [TestCase("InferenceService")]
    public async Task A_kind_needs_a_spec(string kind)
    {
        var manifest = Valid(kind);
        manifest.Remove("spec");
        var answer = await ApiCluster.CreateAsync(manifest);

        Assert.That(answer.Code, Is.EqualTo(422));
        Assert.That(answer.Message, Does.Contain("spec: Required value"));
    }

    [Test]
    public async Task A_misspelt_field_is_named()
    {
        var answer = await ApiCluster.CreateAsync(With(Valid("InferenceService"), "spec.modelref", "m"));

        Assert.That(answer.Code, Is.EqualTo(400), answer.Message);
        Assert.That(answer.Message, Does.Contain("spec.modelref"));
    }

    [TestCase("""{"key":"a","operator":"Exists","value":"b"}""", "a toleration with operator Exists has no value")]
    [TestCase("""{"effect":"NoSchedule"}""", "a toleration without key needs the operator Exists")]
    public async Task A_toleration_that_no_pod_could_have_is_refused(string toleration, string problem)
    {
        if (!ApiCluster.IsReal) Assert.Ignore("needs an API server that evaluates CEL rules: LLMKUBE_TEST_KUBECONFIG");
        var answer = await ApiCluster.CreateAsync(With(Valid("InferenceService"), "spec.tolerations", new JsonArray(JsonNode.Parse(toleration))));

        Assert.That(answer.Code, Is.EqualTo(422), answer.Message);
        Assert.That(answer.Message, Does.Contain("spec.tolerations").And.Contain(problem));
    }

    [TestCase("""{"operator":"Exists"}""")]
    [TestCase("""{"key":"a","value":"b","effect":"NoExecute","tolerationSeconds":60}""")]
    [TestCase("""{"key":"a","operator":"Equal","value":"b"}""")]
    public async Task A_toleration_that_a_pod_can_have_is_accepted(string toleration)
    {
        var answer = await ApiCluster.CreateAsync(With(Valid("InferenceService"), "spec.tolerations", new JsonArray(JsonNode.Parse(toleration))));

        Assert.That(answer.Code, Is.EqualTo(201), answer.Message);
    }

    internal static JsonObject Valid(string kind) => new()
    {
        ["apiVersion"] = "inference.llmkube.dev/v1alpha1",
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["generateName"] = "limits-" },
        ["spec"] = kind == "Model" ? new JsonObject { ["source"] = "https://h/m.gguf" } : new JsonObject { ["modelRef"] = "m" },
    };

    private static JsonObject With(JsonObject manifest, string path, JsonNode? value)
    {
        var parts = path.Split('.');
        var parent = manifest;
        foreach (var part in parts[..^1])
        {
            if (parent[part] is not JsonObject) parent[part] = new JsonObject();
            parent = (JsonObject)parent[part]!;
        }

        parent[parts[^1]] = value?.DeepClone();
        return manifest;
    }
}
