using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Gguf;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tests.Gguf;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>What a service is told of the memory of its GPUs.</summary>
public sealed class GpuFitDeciderTests
{
    private const long GiB = 1 << 30;

    // With its own context of 8192 tokens: 5 GiB of weights, 1 GiB of cache, 0.8 GiB of overhead.
    private static readonly GgufMetadata Llama = new()
    {
        Architecture = "llama",
        ContextLength = 8192,
        EmbeddingSize = 4096,
        LayerCount = 32,
        KeyCacheElements = 32 * 8 * 128,
        ValueCacheElements = 32 * 8 * 128,
        VocabSize = 128_256,
    };

    private static readonly Dictionary<string, (Func<ServiceSnapshot> Seen, string? Status, string Message, bool IsEstimated)> Cases = new()
    {
        ["a GPU that is large enough, by the service"] = (() => Seen(own: "16Gi"), "True", "needs 6.8 GiB on its GPU (in all: weights 5.0 GiB, cache 1.0 GiB, overhead 866.5 MiB). A GPU has 16.0 GiB by spec.resources.gpuMemory", true),
        ["a GPU that is too small, by the Model"] = (() => Seen(ofModel: "6Gi"), "False", "A GPU has 6.0 GiB by the Model's spec.hardware.gpu.memory. Take a smaller contextSize", true),
        ["the service's word wins over the Model's"] = (() => Seen(own: "8Gi", ofModel: "6Gi"), "True", "8.0 GiB by spec.resources.gpuMemory", true),
        ["decimal units are what they are"] = (() => Seen(own: "6G"), "False", "A GPU has 5.6 GiB", true),
        ["what is no quantity is named, and keeps nothing from starting"] = (() => Seen(own: "16 GB"), "Unknown", "spec.resources.gpuMemory must be a quantity above zero such as 16Gi, got \"16 GB\"", true),
        ["nobody says how much there is"] = (() => Seen(), "Unknown", "How much a GPU has is not known: say it in spec.resources.gpuMemory, or have nodes", true),
        ["nodes say it"] = (() => Seen(nodes: [Node(24_576), Node(81_920)]), "True", "A GPU has 24.0 GiB by the nodes' label nvidia.com/gpu.memory", true),
        ["no node has enough"] = (() => Seen(nodes: [Node(4096), Node(6144)]), "False", "A GPU has 6.0 GiB by the nodes' label", true),
        ["some nodes have enough"] = (() => Seen(nodes: [Node(4096), Node(24_576)]), "Unknown", "GPUs have from 4.0 GiB to 24.0 GiB by the nodes' label nvidia.com/gpu.memory: choose nodes", true),
        ["of several kinds of nodes those count that the pods may run on"] =
            (() => Seen(nodes: [Node(4096), Node(24_576, "large")], with: s => s.NodeSelector = new Dictionary<string, string> { ["size"] = "large" }), "True", "24.0 GiB", true),
        ["no node matches"] = (() => Seen(nodes: [Node(24_576)], with: s => s.NodeSelector = new Dictionary<string, string> { ["size"] = "large" }), "Unknown", "is not known", true),
        ["nodes don't tell of other vendors' GPUs"] = (() => Seen(nodes: [Node(24_576)], model: A.GpuModel(accelerator: Accelerators.Rocm)), "Unknown", "say it in spec.resources.gpuMemory", true),
        ["a MIG partition has what its profile says"] = (() => Seen(nodes: [Node(81_920)], with: Sharing(GpuSharingModes.Partitioned, s => s.Profile = "1g.5gb")), "False", "A GPU has 4.7 GiB by spec.resources.gpuSharing.profile", true),
        ["of a shared GPU there is what the service is meant to take"] = (() => Seen(nodes: [Node(81_920)], with: Sharing(GpuSharingModes.Shared, s => s.MemoryLimitGiB = 8)), "True", "A GPU has 8.0 GiB by spec.resources.gpuSharing.memoryLimitGiB", true),
        ["of a shared GPU nodes don't know what is left"] = (() => Seen(nodes: [Node(81_920)], with: Sharing(GpuSharingModes.Shared, _ => { })), "Unknown", "How much a GPU has is not known", true),
        ["nor of a resource with a name of its own"] = (() => Seen(nodes: [Node(81_920)], model: Named("example.com/gpu")), "Unknown", "How much a GPU has is not known", true),
        ["larger batches need more"] = (() => Seen(own: "16Gi", with: s => s.UBatchSize = 2048), "True", "overhead 1.6 GiB", true),
        ["batches bound what is computed at a time"] = (() => Seen(own: "16Gi", with: s => (s.UBatchSize, s.BatchSize) = (512, 512)), "True", "overhead 866.5 MiB", true),
        ["what arguments decide is not estimated"] =
            (() => Seen(own: "16Gi", with: s => s.ExtraArgs = ["--seed", "1", "-c", "131072"]), "Unknown", "is not estimated where spec.extraArgs decides it, here with -c: say it in a field", false),
        ["nor if they keep a part in main memory"] = (() => Seen(own: "6Gi", with: s => s.ExtraArgs = ["--n_cpu_moe", "20"]), "Unknown", "here with --n-cpu-moe", false),
        ["other arguments decide nothing of it"] = (() => Seen(own: "16Gi", with: s => s.ExtraArgs = ["--seed", "1"]), "True", "needs 6.8 GiB", true),
        ["nor is it estimated without a GPU"] = (() => Seen(model: A.Model(), with: s => s.ExtraArgs = ["-c", "1"]), null, "", false),
        ["a longer context needs more"] = (() => Seen(own: "16Gi", with: s => s.ContextSize = 131_072), "False", "a context of 131072 tokens needs 22.0 GiB", true),
        ["a packed cache needs less"] = (() => Seen(own: "16Gi", with: s => (s.ContextSize, s.CacheTypeK, s.CacheTypeV) = (131_072, CacheTypes.Q40, CacheTypes.Q40)), "True", "cache 4.5 GiB", true),
        ["two GPUs share it"] = (() => Seen(own: "6Gi", model: A.GpuModel(2)), "True", "needs 3.9 GiB on the fullest of 2 GPUs", true),
        ["layers that stay in main memory need none"] = (() => Seen(own: "6Gi", model: Layers(16)), "True", "weights 5.0 GiB", true),
        ["without a GPU there is an estimate alone"] = (() => Seen(model: A.Model()), null, "", true),
        ["an agent outside the cluster is nobody's business"] = (() => Seen(model: A.GpuModel(0, accelerator: Accelerators.Metal)), null, "", false),
        ["before the header has been read nothing is said"] = (() => A.Seen(model: A.GpuModel()), null, "", false),
        ["before the size is known nothing is said"] = (() => Seen(size: null), null, "", false),
        ["a model without its Model"] = (() => A.Seen(noModel: true), null, "", false),
        ["a model whose cache is another"] = (() => Seen(own: "16Gi", header: Llama with { Architecture = "mamba", KeyCacheElements = null, ValueCacheElements = null }), "Unknown", "architecture mamba can't be estimated", false),
        ["a header that lies about its layers"] = (() => Seen(own: "16Gi", header: Llama with { LayerCount = long.MaxValue }), "Unknown", "can't be estimated", false),
        ["a header that lies about its cache"] = (() => Seen(own: "16Gi", header: Llama with { KeyCacheElements = long.MaxValue, VocabSize = long.MinValue }), "False", "cache 8.0 EiB", true),
        ["no context is known"] = (() => Seen(own: "16Gi", header: Llama with { ContextLength = null }), "Unknown", "can't be estimated", false),
        ["what the validator refuses is not estimated"] = (() => Seen(own: "16Gi", with: s => s.CacheTypeK = "q2_k"), "Unknown", "can't be estimated", false),
    };

    private static IEnumerable<string> Stories => Cases.Keys;

    [TestCaseSource(nameof(Stories))]
    public void A_service_is_told(string story)
    {
        var (seen, status, message, isEstimated) = Cases[story];

        var verdict = GpuFitDecider.Decide(seen());

        Assert.That((verdict.Condition?.Status, verdict.EstimatedBytes > 0), Is.EqualTo((status, isEstimated)), verdict.Condition?.Message);
        Assert.That(verdict.Condition?.Message ?? "", Does.Contain(message));
        Assert.That(verdict.Condition?.Reason, Is.EqualTo(status switch { "True" => Reasons.FitsGPU, "False" => Reasons.InsufficientGPUMemory, "Unknown" => Reasons.GPUMemoryUnknown, _ => null }));
    }

    [TestCaseSource(nameof(Stories))]
    public void It_stays_in_the_status_and_is_announced_once(string story)
    {
        var seen = Cases[story].Seen();

        var first = ServiceDecider.Decide(seen);
        seen.Service.Status = first.Status;
        var again = ServiceDecider.Decide(seen with { Now = seen.Now.AddMinutes(1) });

        Assert.That(first.Status.Conditions.Find(ConditionTypes.FitsGPU)?.Status, Is.EqualTo(Cases[story].Status));
        Assert.That(first.Announcements.Count(a => a.Reason == Reasons.InsufficientGPUMemory), Is.EqualTo(Cases[story].Status == "False" ? 1 : 0));
        Assert.That(StatusWriter.Same(first.Status, again.Status), Is.True, "it costs no further write");
        Assert.That(again.Announcements.Select(a => a.Reason), Has.None.EqualTo(Reasons.InsufficientGPUMemory));
    }

    [Test]
    public void It_is_known_while_the_file_comes_and_keeps_no_pod_from_starting()
    {
        var seen = Seen(own: "6Gi");
        seen.Model!.Status.Phase = ModelPhases.Downloading;
        var waiting = ServiceDecider.Decide(seen);
        Assert.That((waiting.Status.Phase, waiting.Status.Conditions.Find(ConditionTypes.FitsGPU)?.Status, waiting.Actions.Count), Is.EqualTo(("Pending", "False", 0)));

        seen.Model.Status.Phase = ModelPhases.Ready;
        Assert.That(ServiceDecider.Decide(seen).Actions.OfType<DesiredAction.Apply>().Select(a => a.Desired.Kind), Does.Contain(V1Deployment.KubeKind));
    }

    [Test]
    public void It_goes_when_no_GPU_is_asked_for_any_more()
    {
        var seen = Seen(own: "6Gi");
        seen.Service.Status = ServiceDecider.Decide(seen).Status;

        var after = ServiceDecider.Decide(seen with { Model = Fetched(A.Model()) }).Status;

        Assert.That((after.Conditions.Find(ConditionTypes.FitsGPU), after.EstimatedMemoryBytes > 0), Is.EqualTo(((V1Condition?)null, true)));
    }

    [Test]
    public void A_status_that_warns_looks_like_this() =>
        Golden.Match("InferenceServices/status-too-large.yaml", KubernetesYaml.Serialize(ServiceDecider.Decide(Seen(ofModel: "6Gi")).Status).ReplaceLineEndings("\n").TrimEnd() + "\n");

    // Nodes matter, and are listed, only where they decide.
    [TestCase(null, null, true)]
    [TestCase("16Gi", null, false)]
    [TestCase(null, "16Gi", false)]
    public void Nodes_are_asked_for_if_nobody_else_says_it(string? own, string? ofModel, bool needs)
    {
        var seen = Seen(own: own, ofModel: ofModel);
        Assert.That(GpuFitDecider.NeedsNodes(seen.Service.Spec, seen.Model), Is.EqualTo(needs));
        Assert.That(ServiceDecider.Decide(seen).LookAgainIn, Is.EqualTo(needs ? GpuNodes.Interval : (TimeSpan?)null), "they are not watched");
        Assert.That(GpuFitDecider.NeedsNodes(seen.Service.Spec, A.GpuModel()), Is.False, "the header is not known");
        Assert.That(GpuFitDecider.NeedsNodes(seen.Service.Spec, Fetched(A.Model())), Is.False, "no GPU is asked for");
    }

    private static readonly Dictionary<string, (Func<ServiceSnapshot> Seen, TimeSpan? Again)> Rechecks = new()
    {
        ["nodes that say nothing may say it later"] = (() => Seen(), GpuNodes.Interval),
        ["nodes that say something may say something else"] = (() => Seen(nodes: [Node(24_576)]), GpuNodes.Interval),
        ["while the file comes"] = (() => Seen(model: A.GpuModel(), phase: ModelPhases.Downloading), GpuNodes.Interval),
        ["what is looked at sooner is not looked at later for that"] = (() => Seen() with { Endpoint = Foreign() }, TimeSpan.FromMinutes(1)),
        ["an operator of one namespace does not read them"] = (() => Seen() with { GpuNodes = null }, null),
        ["a service that is stopped need not know"] = (() => Seen(with: s => s.Replicas = 0), null),
        ["a model whose memory can't be estimated"] = (() => Seen(header: Llama with { LayerCount = null }), null),
        ["other vendors' GPUs"] = (() => Seen(model: A.GpuModel(accelerator: Accelerators.Rocm)), null),
    };

    private static IEnumerable<string> RecheckStories => Rechecks.Keys;

    [TestCaseSource(nameof(RecheckStories))]
    public void It_is_looked_at_again(string story) => Assert.That(ServiceDecider.Decide(Rechecks[story].Seen()).LookAgainIn, Is.EqualTo(Rechecks[story].Again));

    [TestCase("24576", 24 * GiB)]
    [TestCase("0", null)]
    [TestCase("-1", null)]
    [TestCase("24 GiB", null)]
    [TestCase("9223372036854775807", null)]
    public void A_label_of_a_node_is_read(string value, long? bytes) => Assert.That(
        GpuNode.Of(new V1Node { Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { [GpuNodeLabels.NvidiaMemory] = value } } })?.MemoryBytes, Is.EqualTo(bytes));

    // From the file to the status nothing of what the estimate needs is lost.
    [Test]
    public void The_status_carries_what_the_header_says_of_the_cache()
    {
        var tiny = new TinyGguf { Architecture = "cohere2", Embedding = 256, Heads = 8, KeyValueHeads = 4, Layers = 8, SlidingWindow = 256, Context = 16_384 };
        using var file = new MemoryStream(tiny.Build());
        var header = GgufReader.Read(file, file.Length);

        var said = TerminationMessage.TryParse(TerminationMessage.Format(new FetchReport { Complete = true, Gguf = GgufSummary.Of(header) }))!.Gguf!;

        Assert.That((said.LayerCount, said.ContextLength, said.EmbeddingSize, said.HeadCountKV), Is.EqualTo((8L, 16_384L, 256L, 4L)));
        Assert.That((said.KeyCacheElements, said.ValueCacheElements), Is.EqualTo((header.KeyCacheElements, header.ValueCacheElements)));
        Assert.That((said.SlidingWindow, said.WindowKeyCacheElements, said.WindowValueCacheElements), Is.EqualTo((256L, header.KeyWindowElements, header.ValueWindowElements)));
        Assert.That((said.VocabSize, header.KeyWindowElements), Is.EqualTo((header.VocabularySize, 6 * 128L)));
    }

    private static ServiceSnapshot Seen(
        string? own = null, string? ofModel = null, GgufMetadata? header = null, long? size = 5 * GiB, Model? model = null, IReadOnlyList<GpuNode>? nodes = null, Action<InferenceServiceSpec>? with = null,
        string phase = ModelPhases.Ready)
    {
        var service = A.Service(with: with);
        if (own is not null) (service.Spec.Resources ??= new InferenceResources()).GpuMemory = own;
        var fetched = Fetched(model ?? A.GpuModel());
        (fetched.Status.Phase, fetched.Status.Gguf, fetched.Status.SizeBytes) = (phase, header ?? Llama, size);
        if (ofModel is not null) fetched.Spec.Hardware!.Gpu!.Memory = ofModel;
        return A.Seen(service, fetched) with { GpuNodes = nodes ?? [] };
    }

    private static Model Fetched(Model model)
    {
        (model.Status.Gguf, model.Status.SizeBytes) = (Llama, 5 * GiB);
        return model;
    }

    private static V1Service Foreign() => new() { Kind = V1Service.KubeKind, Metadata = new V1ObjectMeta { Name = "chat", NamespaceProperty = A.Namespace, Uid = "foreign" } };

    private static Model Layers(int count)
    {
        var model = A.GpuModel();
        model.Spec.Hardware!.Gpu!.Layers = count;
        return model;
    }

    private static GpuNode Node(long mebibytes, string? size = null) =>
        new(mebibytes << 20, size is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["size"] = size });

    private static Action<InferenceServiceSpec> Sharing(string mode, Action<GpuSharingSpec> with) => s =>
    {
        s.Resources = new InferenceResources { GpuSharing = new GpuSharingSpec { Mode = mode } };
        with(s.Resources.GpuSharing);
    };

    private static Model Named(string resource)
    {
        var model = A.GpuModel();
        model.Spec.Hardware!.Gpu!.ResourceName = resource;
        return model;
    }
}
