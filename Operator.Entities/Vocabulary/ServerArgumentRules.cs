namespace LlmKube.Operator.Entities;

/// <summary>What holds for the arguments and variables of a server, in CEL and in words.</summary>
public static class ServerArgumentRules
{
    /// <summary>Names of a model in the API. None is a flag, and nothing in them means anything to Kubernetes, as $(NAME) would.</summary>
    public const string AliasPattern = "^[A-Za-z0-9][A-Za-z0-9._:/@+,-]*$";

    /// <summary>Why the model can't be among further arguments.</summary>
    public const string NoModelWords = "the operator names the weights: choose the model with spec.modelRef, and its source in the Model";

    /// <summary>Why the address can't be among further arguments.</summary>
    public const string NoHostWords = "the server listens on all addresses of its pod, since Service and probes need it there; leave --host out";

    /// <summary>Why the port can't be among further arguments.</summary>
    public const string NoPortWords = "Service and probes must know the port: set it in spec.endpoint.port";

    internal const string NoModel = No + "['-m', '--model', '-mu', '--model-url', '-hf', '-hfr', '--hf-repo', '-hff', '--hf-file', '-dr', '--docker-repo', "
        + "'--spec-draft-hf', '-hfd', '-hfrd', '--hf-repo-draft', '-mmu', '--mmproj-url', '-hfv', '-hfrv', '--hf-repo-v', '-hffv', '--hf-file-v']" + Among;

    // Settings with a model of their own, which the server fetches: each version has others.
    internal const string NoPreset = "self.all(a, !(['--embd-', '--fim-', '--gpt-oss-', '--vision-', '--tts-'].exists(b, a.startsWith(b)) && (a.endsWith('-default') || a.endsWith('-spec'))))";

    internal const string NoModelVariable = "self.all(v, !(v.name in ['LLAMA_ARG_MODEL', 'LLAMA_ARG_MODEL_URL', 'LLAMA_ARG_HF_REPO', 'LLAMA_ARG_HF_FILE', 'LLAMA_ARG_DOCKER_REPO', "
        + "'LLAMA_ARG_SPEC_DRAFT_HF_REPO', 'LLAMA_ARG_MMPROJ_URL', 'LLAMA_ARG_HFD_REPO', 'LLAMA_ARG_HF_REPO_V', 'LLAMA_ARG_HF_FILE_V']))";

    internal const string NoHost = No + "['--host']" + Among;

    internal const string NoPort = No + "['--port']" + Among;

    internal const string UBatchFits = "!has(self.uBatchSize) || !has(self.batchSize) || self.uBatchSize <= self.batchSize";

    internal const string UBatchFitsWords = "uBatchSize must not be above batchSize";

    internal const string OneValue = "self.all(v, !has(v.valueFrom) || !has(v.value) || v.value == '')";

    internal const string OneValueWords = "a variable has a value or valueFrom, not both";

    internal const string OneSource = "self.all(v, !has(v.valueFrom) || [has(v.valueFrom.secretKeyRef), has(v.valueFrom.configMapKeyRef), has(v.valueFrom.fieldRef), "
        + "has(v.valueFrom.resourceFieldRef), has(v.valueFrom.fileKeyRef)].filter(is, is).size() == 1)";

    internal const string OneSourceWords = "valueFrom names one source";

    private const string No = "self.all(a, !";

    private const string Among = ".exists(f, a == f || a.startsWith(f + '=') || a.startsWith(f + ' ')))";
}
