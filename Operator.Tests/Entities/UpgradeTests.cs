using System.Text.Json.Nodes;
using k8s;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Tests.Monitoring;

namespace LlmKube.Operator.Tests.Entities;

/// <summary>
/// Objects that were stored under older definitions live on under today's. Both are put under a group of their own, so that a cluster in use keeps its definitions.
/// </summary>
[TestFixture]
internal sealed class UpgradeTests
{
    private const string Definitions = "apis/apiextensions.k8s.io/v1/customresourcedefinitions", ModelKind = "Model", ApplyPatch = "application/apply-patch+yaml";

    private static readonly string[] s_kinds = ["models", "inferenceservices"];

    private static readonly JsonObject s_modelStatus = Json("""
        {
          "phase": "Ready", "size": "4.6 GiB", "path": "/models/0123456789abcdef/model.gguf", "cacheKey": "0123456789abcdef", "acceleratorReady": true, "lastUpdated": "2025-11-03T09:00:00Z",
          "gguf": { "architecture": "llama", "quantization": "Q5_K_M", "contextLength": 8192, "embeddingSize": 4096, "layerCount": 32, "headCount": 32, "tensorCount": 291, "fileVersion": 3, "license": "mit" },
          "conditions": [ { "type": "Available", "status": "True", "reason": "ModelReady", "message": "Model downloaded and cached", "lastTransitionTime": "2025-11-03T09:00:00Z" } ]
        }
        """);

    private static readonly JsonObject s_serviceStatus = Json("""
        {
          "phase": "WaitingForGPU", "modelReady": true, "readyReplicas": 0, "desiredReplicas": 2, "endpoint": "http://a.default.svc.cluster.local:8080/v1/chat/completions",
          "schedulingStatus": "InsufficientGPU", "schedulingMessage": "0/3 nodes are available", "queuePosition": 2, "waitingFor": "nvidia.com/gpu: 1", "effectivePriority": 10000, "lastUpdated": "2025-11-03T09:00:00Z",
          "conditions": [ { "type": "GPUAvailable", "status": "False", "reason": "InsufficientGPU", "message": "Queued at position 2 waiting for GPU", "lastTransitionTime": "2025-11-03T09:00:00Z" } ]
        }
        """);

    [TestCase("go-operator")]
    [TestCase("first")]
    public async Task What_was_stored_is_read_as_it_was_and_can_be_changed(string older)
    {
        var group = $"upgrade-{Guid.NewGuid():n}.example";
        try
        {
            foreach (var kind in s_kinds) await DefineAsync(group, ApiCluster.InRepository("Operator.Tests", "Entities", "OlderDefinitions", older, $"{kind}.yaml"));
            var stored = new List<(string Path, JsonObject Object)>();
            foreach (var manifest in Manifests(group)) stored.Add(await StoreAsync(group, manifest));

            foreach (var kind in s_kinds) await DefineAsync(group, ApiCluster.InRepository("deploy", "crds", $"inference.llmkube.dev_{kind}.yaml"));
            await ServesTheNewAsync(stored);

            foreach (var (path, before) in stored)
            {
                var now = (await ApiCluster.SendAsync(HttpMethod.Get, path)).Body;
                Assert.That(Lost(before["spec"]!, now["spec"], "spec").Concat(Lost(before["status"]!, now["status"], "status")), Is.Empty, now.Identity());
                Understand(now);
                await ChangeAsync(path, now);
            }
        }
        finally
        {
            foreach (var kind in s_kinds) await ApiCluster.SendAsync(HttpMethod.Delete, $"{Definitions}/{kind}.{group}");
        }
    }

    private static IEnumerable<JsonObject> Manifests(string @group) =>
        from file in Directory.GetFiles(ApiCluster.InRepository("Operator.Tests", "Entities", "GoOperator"), "*.yaml").Order()
        where Path.GetFileName(file) != "newest.yaml"
        from manifest in YamlManifests.Read(file)
        select Moved(manifest, @group);

    private static JsonObject Moved(JsonObject manifest, string group) => Json(manifest.ToJsonString().Replace(ApiGroup.Name, group, StringComparison.Ordinal));

    private static async Task DefineAsync(string group, string file)
    {
        var definition = Moved(YamlManifests.Read(file).Single(), group);
        var path = $"{Definitions}/{definition.Text("metadata", "name")}";
        var applied = await ApiCluster.SendAsync(HttpMethod.Patch, path + "?fieldManager=upgrade-tests&force=true", definition, ApplyPatch);
        Assert.That(applied.Code, Is.AnyOf(200, 201), applied.Message);
        Assert.That(async () => (await ApiCluster.SendAsync(HttpMethod.Get, path)).Body["status"]?["conditions"]?.AsArray().Any(c => c.Text("type") == "Established" && c.Text("status") == "True") == true, Is.True.After(30_000, 50));
    }

    private static async Task<(string Path, JsonObject Object)> StoreAsync(string group, JsonObject manifest)
    {
        var isModel = manifest.Text("kind") == ModelKind;
        var collection = $"apis/{group}/v1alpha1/namespaces/{ApiCluster.Namespace}/{(isModel ? "models" : "inferenceservices")}";
        var path = $"{collection}/{manifest.Text("metadata", "name")}";

        // A kind is served a moment after its definition says so.
        Answer? created = null;
        Assert.That(async () => (created = await ApiCluster.SendAsync(HttpMethod.Post, collection + "?fieldValidation=Strict", manifest)).Code, Is.EqualTo(201).After(10_000, 50), () => created!.Message);
        created!.Body["status"] = (isModel ? s_modelStatus : s_serviceStatus).DeepClone();
        var told = await ApiCluster.SendAsync(HttpMethod.Put, path + "/status?fieldValidation=Strict", created.Body);
        Assert.That(told.Code, Is.EqualTo(200), told.Message);
        return (path, told.Body);
    }

    // As is a changed schema: then a field of today's is not unknown any more.
    private static async Task ServesTheNewAsync(IReadOnlyList<(string Path, JsonObject Object)> stored)
    {
        foreach (var (path, manifest) in stored.DistinctBy(s => s.Object.Text("kind")))
        {
            var spec = Json(manifest.Text("kind") == ModelKind ? """{"spec":{"deletionPolicy":"Retain"}}""" : """{"spec":{"drainTimeoutSeconds":30}}""");
            Assert.That(async () => (await ApiCluster.SendAsync(HttpMethod.Patch, path + "?fieldValidation=Strict&dryRun=All", spec, "application/merge-patch+json")).Code, Is.EqualTo(200).After(10_000, 50));
        }
    }

    private static void Understand(JsonObject stored)
    {
        if (stored.Text("kind") == ModelKind)
        {
            var status = KubernetesJson.Deserialize<Model>(stored.ToJsonString()).Status;
            Assert.That((status.Phase, status.Gguf?.LayerCount, status.Conditions?.Count), Is.EqualTo(("Ready", (long?)32, (int?)1)));
        }
        else
        {
            var status = KubernetesJson.Deserialize<InferenceService>(stored.ToJsonString()).Status;
            Assert.That((status.Phase, status.QueuePosition, status.Conditions?.Count), Is.EqualTo(("WaitingForGPU", (int?)2, (int?)1)));
        }
    }

    // As a user does, as the operator's finalizer does, and as its status does.
    private static async Task ChangeAsync(string path, JsonObject stored)
    {
        stored["metadata"]!["labels"] = new JsonObject { ["touched"] = "yes" };
        stored["metadata"]!["finalizers"] = new JsonArray("inference.llmkube.dev/upgrade-test");
        var held = await ApiCluster.SendAsync(HttpMethod.Put, path, stored);
        Assert.That(held.Code, Is.EqualTo(200), held.Message);
        held.Body["status"]!["observedGeneration"] = 1;
        held.Body["status"]!["phase"] = "Failed";
        var told = await ApiCluster.SendAsync(HttpMethod.Put, path + "/status", held.Body);
        Assert.That((told.Code, told.Body.Text("status", "phase")), Is.EqualTo((200, "Failed")), told.Message);
        var released = await ApiCluster.SendAsync(HttpMethod.Patch, path, Json("""{"metadata":{"finalizers":null}}"""), "application/merge-patch+json");
        Assert.That(released.Code, Is.EqualTo(200), released.Message);
    }

    // New defaults may come; nothing that was there may go or change.
    private static IEnumerable<string> Lost(JsonNode before, JsonNode? now, string path) => (before, now) switch
    {
        (JsonObject was, JsonObject fields) => was.SelectMany(f => Lost(f.Value!, fields[f.Key], $"{path}.{f.Key}")),
        (JsonArray was, JsonArray items) when was.Count == items.Count => was.Zip(items).SelectMany((pair, i) => Lost(pair.First!, pair.Second, $"{path}[{i}]")),
        _ => JsonNode.DeepEquals(before, now) ? [] : [$"{path}: {before.ToJsonString()} became {now?.ToJsonString() ?? "nothing"}"],
    };

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();
}
