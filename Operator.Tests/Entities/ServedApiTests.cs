using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Tests.Entities;

/// <summary>What kubectl and autoscalers see of the two kinds.</summary>
[TestFixture]
internal sealed class ServedApiTests
{
    private const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io";

    [TestCase("models", new[] { "Phase", "Size", "Accelerator", "Arch*", "Age" })]
    [TestCase("inferenceservices", new[] { "Phase", "Model", "Replicas", "Reason*", "Queue*", "Priority*", "Endpoint", "Age" })]
    public async Task Columns_are_those_of_the_Go_operator(string plural, string[] columns)
    {
        var table = await ApiCluster.SendAsync(HttpMethod.Get, ApiCluster.Collection(plural), accept: Table);

        Assert.That((string?)table.Body["kind"], Is.EqualTo("Table"));
        var shown = table.Body["columnDefinitions"]!.AsArray().Select(c => (string)c!["name"]! + ((int?)c["priority"] > 0 ? "*" : ""));
        Assert.That(shown.Where(name => name != "Name"), Is.EqualTo(columns));
    }

    [Test]
    public async Task Both_kinds_have_their_short_names_and_the_category_llm()
    {
        var discovery = await ApiCluster.SendAsync(HttpMethod.Get, "apis/inference.llmkube.dev/v1alpha1");
        var kinds = discovery.Body["resources"]!.AsArray().Where(r => !((string)r!["name"]!).Contains('/')).ToDictionary(r => (string)r!["name"]!, r => r!);

        Assert.That(kinds.Keys, Is.EquivalentTo(new[] { "models", "inferenceservices" }));
        Assert.That(kinds["models"]["shortNames"]!.ToJsonString(), Is.EqualTo("""["mdl"]"""));
        Assert.That(kinds["inferenceservices"]["shortNames"]!.ToJsonString(), Is.EqualTo("""["isvc"]"""));
        Assert.That(kinds.Values.Select(k => k["categories"]!.ToJsonString()), Has.All.EqualTo("""["llm"]"""));
    }

    [Test]
    public async Task What_is_left_out_is_filled_in()
    {
        var model = await CreateAsync("Model", """{"source":"https://h/m.gguf","hardware":{"gpu":{"sharding":{}}}}""");
        var service = await CreateAsync("InferenceService", """{"modelRef":"m","endpoint":{}}""");

        Assert.That(Ordered(model["spec"]!), Is.EqualTo(Ordered(JsonNode.Parse(
            """{"deletionPolicy":"Retain","refreshPolicy":"IfNotPresent","format":"gguf","hardware":{"accelerator":"cpu","gpu":{"sharding":{"strategy":"layer"},"vendor":"nvidia"}},"source":"https://h/m.gguf"}""")!)));
        Assert.That(Ordered(service["spec"]!), Is.EqualTo(Ordered(JsonNode.Parse(
            """{"drainMode":"Idle","drainTimeoutSeconds":60,"endpoint":{"path":"/v1/chat/completions","port":8080,"type":"ClusterIP"},"modelRef":"m","priority":"normal","replicas":1,"startupTimeoutSeconds":1800}""")!)));
    }

    [Test]
    public async Task A_service_can_be_scaled_within_its_limits()
    {
        var service = await CreateAsync("InferenceService", """{"modelRef":"m"}""");
        var url = UrlOf(service);
        service["status"] = new JsonObject { ["replicas"] = 1, ["selector"] = "app=x" };
        await ApiCluster.SendAsync(HttpMethod.Put, url + "/status", service);

        var scale = await ApiCluster.SendAsync(HttpMethod.Get, url + "/scale");
        var three = await ApiCluster.SendAsync(HttpMethod.Patch, url + "/scale", Replicas(3), "application/merge-patch+json");
        var eleven = await ApiCluster.SendAsync(HttpMethod.Patch, url + "/scale", Replicas(11), "application/merge-patch+json");
        var scaled = await ApiCluster.SendAsync(HttpMethod.Get, url);

        Assert.That(((int?)scale.Body["spec"]!["replicas"], (int?)scale.Body["status"]!["replicas"], (string?)scale.Body["status"]!["selector"]), Is.EqualTo((1, 1, "app=x")));
        Assert.That(three.Code, Is.EqualTo(200), three.Message);
        Assert.That(eleven.Code, Is.EqualTo(422), eleven.Message);
        Assert.That((int?)scaled.Body["spec"]!["replicas"], Is.EqualTo(3));
    }

    [Test]
    public async Task Status_is_written_apart_and_changes_no_generation()
    {
        var service = await CreateAsync("InferenceService", """{"modelRef":"m"}""");
        service["spec"]!["replicas"] = 5;
        service["status"] = new JsonObject { ["phase"] = "Ready" };
        var written = await ApiCluster.SendAsync(HttpMethod.Put, UrlOf(service) + "/status", service);

        Assert.That(written.Code, Is.EqualTo(200), written.Message);
        Assert.That(((int?)written.Body["spec"]!["replicas"], (string?)written.Body["status"]!["phase"]), Is.EqualTo((1, "Ready")));
        Assert.That((long?)written.Body["metadata"]!["generation"], Is.EqualTo(1));
    }

    [Test]
    public async Task Two_owners_of_different_conditions_do_not_disturb_each_other()
    {
        var service = await CreateAsync("InferenceService", """{"modelRef":"m"}""");
        foreach (var type in new[] { "Available", "Progressing" })
        {
            var status = new InferenceServiceStatus { Conditions = [Condition(type)] };
            var patch = new JsonObject
            {
                ["apiVersion"] = "inference.llmkube.dev/v1alpha1",
                ["kind"] = "InferenceService",
                ["metadata"] = new JsonObject { ["name"] = (string?)service["metadata"]!["name"] },
                ["status"] = JsonNode.Parse(KubernetesJson.Serialize(status)),
            };
            var applied = await ApiCluster.SendAsync(HttpMethod.Patch, $"{UrlOf(service)}/status?fieldManager={type}", patch, "application/apply-patch+yaml");
            Assert.That(applied.Code, Is.EqualTo(200), applied.Message);
        }

        var live = await ApiCluster.SendAsync(HttpMethod.Get, UrlOf(service));
        Assert.That(live.Body["status"]!["conditions"]!.AsArray().Select(c => (string)c!["type"]!), Is.EquivalentTo(new[] { "Available", "Progressing" }));
    }

    [Test]
    public async Task Every_status_field_that_the_classes_have_is_stored()
    {
        var model = await CreateAsync("Model", """{"source":"https://h/m.gguf"}""");
        var service = await CreateAsync("InferenceService", """{"modelRef":"m"}""");

        await AssertStoredAsync(model, JsonNode.Parse(KubernetesJson.Serialize(FullModelStatus))!);
        await AssertStoredAsync(service, JsonNode.Parse(KubernetesJson.Serialize(FullServiceStatus))!);
    }

    private static ModelStatus FullModelStatus => new()
    {
        ObservedGeneration = 1,
        Phase = ModelPhases.Ready,
        Size = "4.6 GiB",
        Path = "/models/0123456789abcdef/model.gguf",
        CacheKey = "0123456789abcdef",
        Sha256 = new string('a', 64),
        AcceleratorReady = true,
        Gguf = new()
        {
            Architecture = "llama",
            ModelName = "Llama",
            Quantization = "Q4_K_M",
            ContextLength = 1L << 40,
            EmbeddingSize = 4096,
            LayerCount = 32,
            HeadCount = 32,
            TensorCount = 291,
            FileVersion = 3,
            License = "mit",
        },
        CacheClaimUid = "0e5d2b7c-6a43-4d1c-9a52-0d8f4f6f8a11",
        LastUpdated = new(2026, 11, 24, 10, 0, 0, DateTimeKind.Utc),
        Conditions = [Condition(ConditionTypes.Available)],
    };

    private static InferenceServiceStatus FullServiceStatus => new()
    {
        ObservedGeneration = 1,
        Phase = InferenceServicePhases.WaitingForGPU,
        Replicas = 1,
        ReadyReplicas = 1,
        DesiredReplicas = 2,
        Selector = "app=x",
        Endpoint = "http://x",
        ModelReady = true,
        LastUpdated = new(2026, 11, 24, 10, 0, 0, DateTimeKind.Utc),
        SchedulingStatus = Reasons.InsufficientGPU,
        SchedulingMessage = "0/3 nodes are available",
        QueuePosition = 1,
        WaitingFor = "nvidia.com/gpu: 1",
        EffectivePriority = 10000,
        Conditions = [Condition(ConditionTypes.GPUAvailable)],
    };

    private static async Task AssertStoredAsync(JsonObject entity, JsonNode status)
    {
        entity["status"] = status.DeepClone();
        var written = await ApiCluster.SendAsync(HttpMethod.Put, UrlOf(entity) + "/status?fieldValidation=Strict", entity);

        Assert.That(written.Code, Is.EqualTo(200), written.Message);
        Assert.That(Ordered(written.Body["status"]!), Is.EqualTo(Ordered(status)));
    }

    private static V1Condition Condition(string type) => new()
    {
        Type = type,
        Status = "True",
        Reason = "Testing",
        Message = "",
        LastTransitionTime = new(2026, 11, 24, 10, 0, 0, DateTimeKind.Utc),
        ObservedGeneration = 1,
    };

    private static JsonObject Replicas(int count) => new() { ["spec"] = new JsonObject { ["replicas"] = count } };

    private static string UrlOf(JsonObject entity) =>
        $"{ApiCluster.Collection((string)entity["kind"]! == "Model" ? "models" : "inferenceservices")}/{entity["metadata"]!["name"]}";

    private static async Task<JsonObject> CreateAsync(string kind, string spec)
    {
        var manifest = LimitsTests.Valid(kind);
        manifest["spec"] = JsonNode.Parse(spec);
        var answer = await ApiCluster.CreateAsync(manifest);
        Assert.That(answer.Code, Is.EqualTo(201), answer.Message);
        return answer.Body;
    }

    // The order of fields means nothing.
    private static string Ordered(JsonNode node) => node switch
    {
        JsonObject map => $"{{{string.Join(',', map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}:{Ordered(p.Value!)}"))}}}",
        JsonArray list => $"[{string.Join(',', list.Select(i => Ordered(i!)))}]",
        _ => node.ToJsonString(),
    };
}
