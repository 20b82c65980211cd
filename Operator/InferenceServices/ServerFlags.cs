namespace LlmKube.Operator.InferenceServices;

/// <summary>llama-server's flags that the operator gives or keeps for itself, each by all of its names.</summary>
internal static class ServerFlags
{
    public const string Model = "--model";
    public const string Host = "--host";
    public const string Port = "--port";
    public const string GpuLayers = "--n-gpu-layers";
    public const string SplitMode = "--split-mode";
    public const string TensorSplit = "--tensor-split";
    public const string CtxSize = "--ctx-size";
    public const string Parallel = "--parallel";
    public const string FlashAttn = "--flash-attn";
    public const string CacheTypeK = "--cache-type-k";
    public const string CacheTypeV = "--cache-type-v";
    public const string BatchSize = "--batch-size";
    public const string UBatchSize = "--ubatch-size";
    public const string NoWarmup = "--no-warmup";
    public const string Alias = "--alias";
    public const string Jinja = "--jinja";
    public const string Metrics = "--metrics";

    /// <summary>Each flag as the operator writes it, and what else says the same or the opposite (llama-server --help).</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Names { get; } =
    [
        [Model, "-m"],
        [Host],
        [Port],
        [GpuLayers, "--gpu-layers", "-ngl"],
        [SplitMode, "-sm"],
        [TensorSplit, "-ts"],
        [CtxSize, "-c"],
        [Parallel, "-np"],
        [FlashAttn, "-fa"],
        [CacheTypeK, "-ctk"],
        [CacheTypeV, "-ctv"],
        [BatchSize, "-b"],
        [UBatchSize, "-ub"],
        [NoWarmup, "--warmup"],
        [Alias, "-a"],
        [Jinja, "--no-jinja"],
        [Metrics],
    ];

    /// <summary>Other ways to have a model or a part of one, all of which would fetch it into the serving pod.</summary>
    public static IReadOnlyList<string> ModelSources { get; } =
    [
        "-mu", "--model-url", "-hf", "-hfr", "--hf-repo", "-hff", "--hf-file", "-dr", "--docker-repo",
        "--spec-draft-hf", "-hfd", "-hfrd", "--hf-repo-draft", "-mmu", "--mmproj-url",
    ];

    /// <summary>Such ways that only other versions of llama-server have.</summary>
    public static IReadOnlyList<string> FormerModelSources { get; } = ["-hfv", "-hfrv", "--hf-repo-v", "-hffv", "--hf-file-v"];

    /// <summary>Variables that say the same as <see cref="Model"/> or one of <see cref="ModelSources"/>.</summary>
    public static IReadOnlyList<string> ModelVariables { get; } =
    [
        "LLAMA_ARG_MODEL", "LLAMA_ARG_MODEL_URL", "LLAMA_ARG_HF_REPO", "LLAMA_ARG_HF_FILE", "LLAMA_ARG_DOCKER_REPO", "LLAMA_ARG_SPEC_DRAFT_HF_REPO", "LLAMA_ARG_MMPROJ_URL",
    ];

    /// <summary>Such variables that only other versions of llama-server have.</summary>
    public static IReadOnlyList<string> FormerModelVariables { get; } = ["LLAMA_ARG_HFD_REPO", "LLAMA_ARG_HF_REPO_V", "LLAMA_ARG_HF_FILE_V"];

    /// <summary>True if the server may fetch what an argument names: by an address, or as a preset with a model of its own, of which each version has others (<c>--gpt-oss-20b-default</c>).</summary>
    public static bool IsModelSource(string argument)
    {
        var flag = Spelling(argument);
        return ModelSources.Contains(flag)
            || FormerModelSources.Contains(flag)
            || (PresetBeginnings.Any(p => flag.StartsWith(p, StringComparison.Ordinal)) && PresetEnds.Any(e => flag.EndsWith(e, StringComparison.Ordinal)));
    }

    /// <summary>What decides how much memory a server takes of a GPU.</summary>
    public static IReadOnlySet<string> OfMemory { get; } = new HashSet<string>
    {
        GpuLayers, SplitMode, TensorSplit, CtxSize, Parallel, FlashAttn, CacheTypeK, CacheTypeV, BatchSize, UBatchSize,
        "--cpu-moe", "-cmoe", "--n-cpu-moe", "-ncmoe", "--n-cpu-ffn", "-ncffn", "--override-tensor", "-ot", "--no-kv-offload", "-nkvo", "--device", "-dev", "--main-gpu", "-mg",
        "--swa-full", "--mmproj", "-mm", "--model-draft", "-md", "--spec-draft-model",
    };

    private static readonly string[] PresetBeginnings = ["--embd-", "--fim-", "--gpt-oss-", "--vision-", "--tts-"];

    private static readonly string[] PresetEnds = ["-default", "-spec"];

    private static readonly Dictionary<string, string> ByName = Names.SelectMany(flag => flag, (flag, name) => (flag[0], name)).ToDictionary(p => p.name, p => p.Item1);

    /// <summary>The flag, as the operator writes it, that an argument is; null if it is a value, or a flag that the operator doesn't give.</summary>
    public static string? Of(string argument) => ByName.GetValueOrDefault(Spelling(argument));

    /// <summary>An argument as llama.cpp reads it: <c>--ctx_size</c> is <c>--ctx-size</c>. What wrongly is in one word with a flag, its value, is left out.</summary>
    public static string Spelling(string argument)
    {
        if (!argument.StartsWith('-')) return argument;
        var end = argument.AsSpan().IndexOfAny("= \t\n");
        var flag = end < 0 ? argument : argument[..end];
        return flag.StartsWith("--", StringComparison.Ordinal) ? flag.Replace('_', '-') : flag;
    }
}
