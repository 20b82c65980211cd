using System.Text.RegularExpressions;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Gguf;
using LlmKube.Operator.Models;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>What is to be said of the memory that the servers of a service will need.</summary>
/// <param name="EstimatedBytes">For <c>status.estimatedMemoryBytes</c>; null: not known.</param>
/// <param name="Condition">Of the type FitsGPU; null: there is nothing to say, because no GPU is asked for or the header has not been read.</param>
internal sealed record GpuFitVerdict(long? EstimatedBytes, GpuFitCondition? Condition)
{
    /// <summary>Nothing is known yet.</summary>
    public static GpuFitVerdict None { get; } = new(null, null);
}

/// <summary>The condition FitsGPU.</summary>
/// <param name="Status">True, False or Unknown.</param>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
/// <param name="Message">For the user, with the numbers.</param>
internal sealed record GpuFitCondition(string Status, string Reason, string Message);

/// <summary>
/// Compares what llama-server will need by estimate with the memory of the GPUs that it may get. It is advice: nothing waits for it. What it says follows
/// from the Model's header, both specs and the nodes' labels alone, so that it stays the same for as long as these do.
/// </summary>
internal static partial class GpuFitDecider
{
    private const string Cures = "Take a smaller contextSize, packed types for cacheTypeK and cacheTypeV, more or larger GPUs, or keep fewer layers on them";

    /// <summary>The verdict on what was observed.</summary>
    public static GpuFitVerdict Decide(ServiceSnapshot seen)
    {
        var spec = seen.Service.Spec;
        if (seen.Model is not { Spec: var model, Status: { Gguf: { } header, SizeBytes: > 0 and var size } } || !HasPods(model)) return GpuFitVerdict.None;
        var gpu = GpuRequest.Of(spec, model);
        if (InputOf(spec, model, gpu, header, size) is not { } input) return new(null, gpu is null ? null : MemoryFlag(spec) is { } flag ? ByHand(flag) : NoEstimate(header));
        var estimate = GpuFit.Estimate(input);
        return new(estimate.TotalBytes, gpu is null ? null : Compare(estimate, input, MemoryOf(spec, model, gpu, seen.GpuNodes)));
    }

    /// <summary>True if the verdict depends on the labels of nodes.</summary>
    public static bool NeedsNodes(InferenceServiceSpec spec, Model? model) =>
        model is { Status: { Gguf: not null, SizeBytes: > 0 } }
        && HasPods(model.Spec)
        && GpuRequest.Of(spec, model.Spec) is { IsPlain: true, Vendor.Name: GpuVendors.Nvidia }
        && Said(spec, model.Spec) is null;

    private static bool HasPods(ModelSpec model) => model.Hardware?.Accelerator != Accelerators.Metal;

    // Null also for values that the validator refuses: there will be no server.
    private static GpuFitInput? InputOf(InferenceServiceSpec spec, ModelSpec model, GpuRequest? gpu, GgufMetadata header, long size)
    {
        if (MemoryFlag(spec) is not null) return null;
        var split = GpuSplit.Of(model.Hardware?.Gpu?.Sharding, gpu?.Count ?? 0);
        if (split is not null && split.Shares.Count != gpu!.Count) return null;
        if (CacheType(spec.CacheTypeK) is not { } keyType || CacheType(spec.CacheTypeV) is not { } valueType) return null;
        if (header.LayerCount is not (> 0 and <= GgufLimits.Layers and var layers)) return null;
        if (header is not { KeyCacheElements: >= 0 and var keys, ValueCacheElements: >= 0 and var values }) return null;
        if ((spec.ContextSize ?? header.ContextLength) is not (> 0 and var context)) return null;
        return new GpuFitInput
        {
            WeightsBytes = size,
            Layers = (int)layers,
            KeyElements = keys,
            ValueElements = values,
            ContextTokens = context,
            Slots = spec.ParallelSlots is > 1 and var slots ? slots : null,
            MicroBatch = Math.Max(1, Math.Min(spec.UBatchSize ?? GpuFit.MicroBatch, spec.BatchSize ?? GpuFit.Batch)),
            KeyType = keyType,
            ValueType = valueType,
            Window = header.SlidingWindow is > 0 and var window
                ? new(window, Math.Clamp(header.WindowKeyCacheElements ?? 0, 0, keys), Math.Clamp(header.WindowValueCacheElements ?? 0, 0, values))
                : null,
            Gpus = gpu?.Count ?? 0,
            Split = split,
            OffloadedLayers = model.Hardware?.Gpu?.Layers is > 0 and var offloaded ? offloaded : null,
            VocabularySize = Math.Max(0, header.VocabSize ?? 0),
            EmbeddingSize = Math.Max(0, header.EmbeddingSize ?? 0),
        };
    }

    private static TensorType? CacheType(string? name) => string.IsNullOrEmpty(name) ? GpuFit.DefaultCacheType : CacheTypes.All.Contains(name) ? GgufTypes.TensorNamed(name) : null;

    private static string? MemoryFlag(InferenceServiceSpec spec) =>
        spec.ExtraArgs?.FirstOrDefault(a => ServerFlags.OfMemory.Contains(ServerFlags.Of(a) ?? ServerFlags.Spelling(a))) is { } argument ? ServerFlags.Spelling(argument) : null;

    private static GpuFitCondition ByHand(string flag) => Unknown(
        $"The memory that a server needs is not estimated where spec.extraArgs decides it, here with {flag}: say it in a field of its own, if there is one");

    private static GpuFitCondition NoEstimate(GgufMetadata header) => Unknown(
        $"The memory of a model of the architecture {header.Architecture ?? "(none)"} can't be estimated from its header: it keeps something else than keys and values of each token, or its header does not say enough");

    private static GpuFitCondition Compare(GpuEstimate estimate, GpuFitInput input, GpuMemory memory)
    {
        var need = Need(estimate, input);
        if (memory.Problem is { } problem) return Unknown($"{need}. {problem}");
        var most = $"A GPU has {SizeText.Of(memory.Least)} by {memory.Source}";
        if (estimate.LargestGpuBytes <= memory.Least) return new("True", Reasons.FitsGPU, $"{need}. {most}");
        return estimate.LargestGpuBytes > memory.Most
            ? new("False", Reasons.InsufficientGPUMemory, $"{need}. A GPU has {SizeText.Of(memory.Most)} by {memory.Source}. {Cures}")
            : Unknown($"{need}. GPUs have from {SizeText.Of(memory.Least)} to {SizeText.Of(memory.Most)} by {memory.Source}: choose nodes whose GPUs are large enough with spec.nodeSelector");
    }

    private static string Need(GpuEstimate estimate, GpuFitInput input)
    {
        var where = input.Gpus > 1 ? $" on the fullest of {input.Gpus} GPUs" : " on its GPU";
        return $"By estimate a server with a context of {input.ContextTokens} tokens needs {SizeText.Of(estimate.LargestGpuBytes)}{where} (in all: weights {SizeText.Of(estimate.WeightsBytes)}, "
            + $"cache {SizeText.Of(estimate.CacheBytes)}, overhead {SizeText.Of(estimate.OverheadBytes)})";
    }

    private static GpuFitCondition Unknown(string message) => new("Unknown", Reasons.GPUMemoryUnknown, message);

    private static GpuMemory MemoryOf(InferenceServiceSpec spec, ModelSpec model, GpuRequest gpu, IReadOnlyList<GpuNode>? nodes)
    {
        if (Said(spec, model) is var (path, text))
        {
            return QuantityValue.Bytes(text) is { } bytes
                ? new(bytes, bytes, path)
                : GpuMemory.None($"{path} must be a quantity above zero such as 16Gi, got \"{text}\"");
        }

        const string SayIt = "say it in spec.resources.gpuMemory";
        if (gpu is not { IsPlain: true, Vendor.Name: GpuVendors.Nvidia }) return GpuMemory.None($"How much a GPU has is not known: {SayIt}");
        if (nodes is null) return GpuMemory.None($"How much a GPU has is not known, since an operator of one namespace reads no nodes: {SayIt}");
        List<GpuNode> eligible = [.. nodes.Where(n => n.Matches(spec.NodeSelector))];
        return eligible.Count == 0
            ? GpuMemory.None($"How much a GPU has is not known: {SayIt}, or have nodes that the pods may run on labelled with {GpuNodeLabels.NvidiaMemory}")
            : new(eligible.Min(n => n.MemoryBytes), eligible.Max(n => n.MemoryBytes), $"the nodes' label {GpuNodeLabels.NvidiaMemory}");
    }

    private static (string Path, string Text)? Said(InferenceServiceSpec spec, ModelSpec model)
    {
        var sharing = spec.Resources?.GpuSharing;
        return (spec.Resources?.GpuMemory, GpuRequest.ModeOf(spec), model.Hardware?.Gpu?.Memory) switch
        {
            ({ Length: > 0 } own, _, _) => ("spec.resources.gpuMemory", own),
            (_, GpuSharingModes.Shared, _) when sharing?.MemoryLimitGiB is { } limit => ("spec.resources.gpuSharing.memoryLimitGiB", $"{limit}Gi"),
            (_, GpuSharingModes.Partitioned, _) when MemoryOfPartition().Match(sharing?.Profile ?? "") is { Success: true } size => ("spec.resources.gpuSharing.profile", $"{size.Groups[1]}G"),
            (_, _, { Length: > 0 } ofModel) => ("the Model's spec.hardware.gpu.memory", ofModel),
            _ => null,
        };
    }

    [GeneratedRegex(@"\.([0-9]{1,4})gb")]
    private static partial Regex MemoryOfPartition();

    // What the GPUs have that a pod may get, and who says so; or why that is not known.
    private sealed record GpuMemory(long Least, long Most, string Source, string? Problem = null)
    {
        public static GpuMemory None(string problem) => new(0, 0, "", problem);
    }
}
