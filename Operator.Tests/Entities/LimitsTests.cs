using System.Text.Json.Nodes;

namespace LlmKube.Operator.Tests.Entities;

/// <summary>The limits of every field, at the server.</summary>
[TestFixture]
internal sealed class LimitsTests
{
    private static readonly string Long = new('a', 3000);

    private static readonly Dictionary<string, (string Field, JsonNode? Value)> Cases = new()
    {
        ["a model's source is a URL or an absolute path"] = ("Model spec.source", "models/model.gguf"),
        ["a model's source has a scheme that is known"] = ("Model spec.source", "ftp://h/model.gguf"),
        ["a model's source names something"] = ("Model spec.source", "hf://"),
        ["a model's source is not endless"] = ("Model spec.source", $"https://h/{Long}.gguf"),
        ["a model's files are relative"] = ("Model spec.files", new JsonArray("a.gguf", "/etc/b.gguf")),
        ["a model's files have no empty steps"] = ("Model spec.files", new JsonArray("a//b.gguf")),
        ["a model's files have a name"] = ("Model spec.files", new JsonArray("")),
        ["a model's files are not endless"] = ("Model spec.files", new JsonArray(Long)),
        ["a model's files are at most 256"] = ("Model spec.files", new JsonArray([.. Enumerable.Range(0, 257).Select(i => JsonValue.Create($"{i}.gguf"))])),
        ["a SHA-256 has 64 digits"] = ("Model spec.sha256", new string('a', 63)),
        ["a SHA-256 is hexadecimal"] = ("Model spec.sha256", new string('g', 64)),
        ["a refresh policy is one of two"] = ("Model spec.refreshPolicy", "Always"),
        ["a deletion policy is one of two"] = ("Model spec.deletionPolicy", "Recycle"),
        ["a Secret is referred to by an object"] = ("Model spec.sourceSecretRef", "token"),
        ["a ConfigMap is referred to by an object"] = ("Model spec.caCertConfigMapRef", "bundle"),
        ["prefetch is yes or no"] = ("Model spec.prefetch", "yes"),
        ["a model's format is gguf"] = ("Model spec.format", "safetensors"),
        ["an accelerator is one of five"] = ("Model spec.hardware.accelerator", "vulkan"),
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
        ["a cache is persistent or not"] = ("InferenceService spec.modelCache.persistence", "Sometimes"),
        ["a cache's claim is named by a name"] = ("InferenceService spec.modelCache.claimName", "My_Claim"),
        ["a cache's claim has a name"] = ("InferenceService spec.modelCache.claimName", ""),
        ["keys are kept in one of eight ways"] = ("InferenceService spec.cacheTypeK", "q2_k"),
        ["values are kept in one of eight ways"] = ("InferenceService spec.cacheTypeV", "f8"),
        ["a batch is not empty"] = ("InferenceService spec.batchSize", 0),
        ["a batch has 16384 tokens at most"] = ("InferenceService spec.batchSize", 16385),
        ["a micro-batch is not empty"] = ("InferenceService spec.uBatchSize", 0),
        ["whether to warm up is yes or no"] = ("InferenceService spec.noWarmup", "yes"),
        ["an alias is not empty"] = ("InferenceService spec.alias", ""),
        ["an alias is no flag"] = ("InferenceService spec.alias", "--api-key"),
        ["an alias is nothing that Kubernetes fills in"] = ("InferenceService spec.alias", "$(HOME)"),
        ["an alias is not endless"] = ("InferenceService spec.alias", new string('a', 257)),
        ["an argument is a text"] = ("InferenceService spec.extraArgs", new JsonArray(7)),
        ["an argument is not endless"] = ("InferenceService spec.extraArgs", new JsonArray(new string('a', 8193))),
        ["arguments are at most 256"] = ("InferenceService spec.extraArgs", new JsonArray([.. Enumerable.Repeat("-v", 257).Select(v => JsonValue.Create(v))])),
        ["a variable has a name"] = ("InferenceService spec.env", new JsonArray(new JsonObject { ["value"] = "x" })),
        ["a variable from a Secret has a key"] =
            ("InferenceService spec.env", new JsonArray(JsonNode.Parse("""{"name":"A","valueFrom":{"secretKeyRef":{"name":"s"}}}"""))),
        ["a variable is there once"] = ("InferenceService spec.env", new JsonArray(JsonNode.Parse("""{"name":"A"}"""), JsonNode.Parse("""{"name":"A"}"""))),
        ["a server has 10 seconds to start at least"] = ("InferenceService spec.startupTimeoutSeconds", 9),
        ["a server has a week to start at most"] = ("InferenceService spec.startupTimeoutSeconds", 604801),
        ["a drain takes no time less than none"] = ("InferenceService spec.drainTimeoutSeconds", -1),
        ["a drain takes a day at most"] = ("InferenceService spec.drainTimeoutSeconds", 86401),
        ["a drain is of a mode"] = ("InferenceService spec.drainMode", "Whenever"),
        ["a probe's period is not negative"] = ("InferenceService spec.probeOverrides.liveness.periodSeconds", -1),
        ["a probe over HTTP has a port"] = ("InferenceService spec.probeOverrides.readiness.httpGet", new JsonObject { ["path"] = "/" }),
        ["spreading has a skew"] = ("InferenceService spec.topologySpreadConstraints", new JsonArray(JsonNode.Parse("""{"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule"}"""))),
        ["spreading is demanded or wished"] =
            ("InferenceService spec.topologySpreadConstraints", new JsonArray(JsonNode.Parse("""{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"Perhaps"}"""))),
        ["a runtime class is named by a name"] = ("InferenceService spec.runtimeClassName", "Nvidia"),
        ["pull secrets are at most 16"] = ("InferenceService spec.imagePullSecrets", new JsonArray([.. Enumerable.Range(0, 17).Select(i => new JsonObject { ["name"] = $"s{i}" })])),
        ["labels of pods are at most 64"] = ("InferenceService spec.podLabels", new JsonObject(Enumerable.Range(0, 65).Select(i => KeyValuePair.Create($"l{i}", (JsonNode?)"x")))),
        ["annotations of pods are texts"] = ("InferenceService spec.podAnnotations", new JsonObject { ["a"] = 1 }),
        ["a seccomp profile has a type"] = ("InferenceService spec.podSecurityContext.seccompProfile", new JsonObject { ["localhostProfile"] = "x" }),
        ["privileged is yes or no"] = ("InferenceService spec.securityContext.privileged", "yes"),
        ["main memory beside GPUs is a quantity"] = ("InferenceService spec.resources.hostMemory", "lots"),
        ["space on a disk is a quantity"] = ("InferenceService spec.resources.ephemeralStorage", "-1Gi"),
        ["a resource of GPUs has a domain"] = ("Model spec.hardware.gpu.resourceName", "gpu"),
        ["a taint of GPUs has a domain"] = ("Model spec.hardware.gpu.tolerationKey", "GPU nodes"),
        ["a GPU is spoken to in one of two ways"] = ("Model spec.hardware.gpu.runtime", "opencl"),
        ["a GPU is had in one of three ways"] = ("InferenceService spec.resources.gpuSharing.mode", "halved"),
        ["a partition has the name of a MIG profile"] = ("InferenceService spec.resources.gpuSharing.profile", "big"),
        ["a share of a GPU has some memory"] = ("InferenceService spec.resources.gpuSharing.memoryLimitGiB", 0),
        ["a node selector term of an affinity is an object"] =
            ("InferenceService spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms", new JsonArray("gpu")),
        ["a node affinity has terms"] = ("InferenceService spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution", new JsonObject()),
        ["a pod affinity has a topology"] =
            ("InferenceService spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution", new JsonArray(new JsonObject())),
        ["a preference has a weight"] =
            ("InferenceService spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution",
             new JsonArray(new JsonObject { ["podAffinityTerm"] = new JsonObject { ["topologyKey"] = "zone" } })),
    };

    private static readonly string[] Quantities = ["1", "0", "0.5", "500m", "2000m", "4Gi", "1.5Gi", "100M", "1e3", "1E3", "12E", "1Ei", "10k", ".5", "5.", "+1"];

    private static readonly string[] Sources =
    [
        "https://h/m.gguf", "http://h:8080/a/b.gguf", "file:///mnt/m.gguf", "/mnt/models/m.gguf", "https://h/m.gguf?download=true", "https://h/m.gguf#x",
        "https://h/with space.gguf", "https://h/model.bin", "https://h/download?id=7", "http://10.0.0.7/m", "/mnt/models/weights",
        "hf://org/repo/m.gguf", "hf://org/repo@v1/dir/m.gguf", "hf://org/repo@refs%2Fpr%2F1", "pvc://claim/dir/m.gguf", "s3://bucket/m.gguf", "oci://registry.example/m:1",
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

    [TestCase("""{"batchSize":64,"uBatchSize":65}""", "spec.uBatchSize", "uBatchSize must not be above batchSize")]
    [TestCase("""{"extraArgs":["--seed","1","--model","x"]}""", "spec.extraArgs", "choose the model with spec.modelRef")]
    [TestCase("""{"extraArgs":["-hf","org/repo"]}""", "spec.extraArgs", "choose the model with spec.modelRef")]
    [TestCase("""{"extraArgs":["--hf-repo-draft","org/repo"]}""", "spec.extraArgs", "choose the model with spec.modelRef")]
    [TestCase("""{"extraArgs":["--gpt-oss-20b-default"]}""", "spec.extraArgs", "choose the model with spec.modelRef")]
    [TestCase("""{"env":[{"name":"LLAMA_ARG_HF_REPO","value":"org/repo"}]}""", "spec.env", "choose the model with spec.modelRef")]
    [TestCase("""{"extraArgs":["--host=::"]}""", "spec.extraArgs", "leave --host out")]
    [TestCase("""{"extraArgs":["--port 1"]}""", "spec.extraArgs", "set it in spec.endpoint.port")]
    [TestCase("""{"env":[{"name":"A","value":"x","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}]}""", "spec.env", "not both")]
    [TestCase("""{"env":[{"name":"A","valueFrom":{}}]}""", "spec.env", "valueFrom names one source")]
    [TestCase("""{"probeOverrides":{"startup":{"exec":{"command":["true"]},"grpc":{"port":1}}}}""", "spec.probeOverrides.startup", "a probe has one of")]
    [TestCase("""{"probeOverrides":{"liveness":{"successThreshold":2}}}""", "spec.probeOverrides.liveness", "successThreshold must be 1")]
    [TestCase("""{"probeOverrides":{"readiness":{"terminationGracePeriodSeconds":2}}}""", "spec.probeOverrides.readiness", "has no effect here")]
    [TestCase("""{"probeOverrides":{"startup":{"periodSeconds":604800,"failureThreshold":2}}}""", "spec.probeOverrides.startup", "must not be more than 604800")]
    [TestCase("""{"podLabels":{"app":"x"}}""", "spec.podLabels", "is the operator's or Kubernetes' own")]
    [TestCase("""{"podLabels":{"inference.llmkube.dev/model":"x"}}""", "spec.podLabels", "is the operator's or Kubernetes' own")]
    [TestCase("""{"podAnnotations":{"kubectl.kubernetes.io/restartedAt":"x"}}""", "spec.podAnnotations", "is the operator's or Kubernetes' own")]
    [TestCase("""{"resources":{"gpuSharing":{"profile":"1g.5gb"}}}""", "spec.resources.gpuSharing.profile", "goes with mode partitioned only")]
    [TestCase("""{"resources":{"gpuSharing":{"mode":"partitioned","memoryLimitGiB":8}}}""", "spec.resources.gpuSharing.memoryLimitGiB", "goes with mode shared only")]
    public async Task What_a_rule_forbids_is_refused(string spec, string field, string problem)
    {
        if (!ApiCluster.IsReal) Assert.Ignore("needs an API server that evaluates CEL rules: LLMKUBE_TEST_KUBECONFIG");
        var manifest = Valid("InferenceService");
        foreach (var (name, value) in (JsonObject)JsonNode.Parse(spec)!) manifest["spec"]![name] = value?.DeepClone();
        var answer = await ApiCluster.CreateAsync(manifest);

        Assert.That(answer.Code, Is.EqualTo(422), answer.Message);
        Assert.That(answer.Message, Does.Contain(field).And.Contain(problem));
    }

    [Test]
    public async Task A_cache_that_is_both_named_and_ephemeral_is_refused()
    {
        if (!ApiCluster.IsReal) Assert.Ignore("needs an API server that evaluates CEL rules: LLMKUBE_TEST_KUBECONFIG");
        var answer = await ApiCluster.CreateAsync(With(Valid("InferenceService"), "spec.modelCache", new JsonObject { ["claimName"] = "mine", ["persistence"] = "Ephemeral" }));

        Assert.That(answer.Code, Is.EqualTo(422), answer.Message);
        Assert.That(answer.Message, Does.Contain("spec.modelCache").And.Contain("claimName has no effect"));
    }

    [TestCase("""{"claimName":"mine"}""", "Cached")]
    [TestCase("""{"claimName":"mine","persistence":"Cached"}""", "Cached")]
    [TestCase("""{"persistence":"Ephemeral"}""", "Ephemeral")]
    [TestCase("{}", "Cached")]
    public async Task A_cache_in_any_of_its_forms(string cache, string persistence)
    {
        var answer = await ApiCluster.CreateAsync(With(Valid("InferenceService"), "spec.modelCache", JsonNode.Parse(cache)));

        Assert.That(answer.Code, Is.EqualTo(201), answer.Message);
        Assert.That((string?)answer.Body["spec"]!["modelCache"]!["persistence"], Is.EqualTo(persistence));
    }

    [Test]
    public async Task A_model_that_says_nothing_of_them_keeps_its_file_and_never_looks_again()
    {
        var answer = await ApiCluster.CreateAsync(Valid("Model"));

        Assert.That(answer.Code, Is.EqualTo(201), answer.Message);
        var spec = answer.Body["spec"]!;
        Assert.That(((string?)spec["deletionPolicy"], (string?)spec["refreshPolicy"]), Is.EqualTo(("Retain", "IfNotPresent")));
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
