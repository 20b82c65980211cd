using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>What the user wants of an InferenceService.</summary>
[ValidationRule(ServerArgumentRules.UBatchFits, fieldPath: ".uBatchSize", message: ServerArgumentRules.UBatchFitsWords)]
public sealed record InferenceServiceSpec
{
    /// <summary>
    /// The name of the Model to serve, in the same namespace. Required. It may change: the pods are then replaced by pods of the
    /// new model.
    /// </summary>
    [Required]
    [Length(minLength: 1, maxLength: 253)]
    [Pattern(Names.SubdomainPattern)]
    public string ModelRef { get; set => field = value ?? string.Empty; } = string.Empty;

    /// <summary>How many pods serve, 0 to 10. 0 stops the service and keeps its Service. Default: 1.</summary>
    [RangeMinimum(0)]
    [RangeMaximum(10)]
    [DefaultValue(InferenceServiceDefaults.Replicas)]
    public int? Replicas { get; set; }

    /// <summary>
    /// The image of the llama.cpp server. Without it the operator takes llama.cpp's build for the hardware, such as
    /// ghcr.io/ggml-org/llama.cpp:server on CPUs and server-cuda on NVIDIA's GPUs, from where it is told to. Where a GPU is asked for
    /// it also does so instead of llama.cpp's build for CPUs. At most 512 characters.
    /// </summary>
    [Length(maxLength: 512)]
    public string? Image { get; set; }

    /// <summary>Where clients reach the service.</summary>
    public EndpointSpec? Endpoint { get; set; }

    /// <summary>What each pod asks for.</summary>
    public InferenceResources? Resources { get; set; }

    /// <summary>
    /// Taints that the pods tolerate, beside the taint of the GPU resource that they use, which they always tolerate. At most 64.
    /// </summary>
    [Items(maxItems: 64)]
    [ValidationRule(TolerationRules.ExistsHasNoValue, message: TolerationRules.ExistsHasNoValueWords)]
    [ValidationRule(TolerationRules.NoKeyNeedsExists, message: TolerationRules.NoKeyNeedsExistsWords)]
    public IList<V1Toleration>? Tolerations { get; set; }

    /// <summary>Labels that a node must have to run the pods, with or without a GPU. At most 64.</summary>
    [PropertyLimits(maxProperties: 64)]
    public IDictionary<string, string>? NodeSelector { get; set; }

    /// <summary>
    /// Which nodes the pods must or should run on, and beside which other pods, as in a pod's own spec.affinity. With or without a
    /// GPU.
    /// </summary>
    public V1Affinity? Affinity { get; set; }

    /// <summary>
    /// How the pods are spread over nodes, zones and the like, as in a pod's own spec.topologySpreadConstraints. One without
    /// labelSelector counts the service's own pods. At most 16, each pair of topologyKey and whenUnsatisfiable once.
    /// </summary>
    [Items(maxItems: 16)]
    [XListType(XListType.Map)]
    [XListMapKeys("topologyKey", "whenUnsatisfiable")]
    public IList<V1TopologySpreadConstraint>? TopologySpreadConstraints { get; set; }

    /// <summary>
    /// The RuntimeClass of the pods, such as nvidia where that is not the nodes' default. 1 to 253 characters.
    /// </summary>
    [Length(minLength: 1, maxLength: 253)]
    [Pattern(Names.SubdomainPattern)]
    public string? RuntimeClassName { get; set; }

    /// <summary>Secrets of the namespace with which the images are pulled. At most 16.</summary>
    [Items(maxItems: 16)]
    public IList<V1LocalObjectReference>? ImagePullSecrets { get; set; }

    /// <summary>More labels for the pods. Not those by which the operator and Kubernetes find them. At most 64.</summary>
    [PropertyLimits(maxProperties: 64)]
    [ValidationRule(PodFieldRules.NoReservedLabel, message: PodFieldRules.NoReservedLabelWords)]
    public IDictionary<string, string>? PodLabels { get; set; }

    /// <summary>More annotations for the pods. Not the operator's own, nor what kubectl rollout restart writes. At most 64.</summary>
    [PropertyLimits(maxProperties: 64)]
    [ValidationRule(PodFieldRules.NoReservedAnnotation, message: PodFieldRules.NoReservedAnnotationWords)]
    public IDictionary<string, string>? PodAnnotations { get; set; }

    /// <summary>
    /// The security of the pods, as in a pod's own spec.securityContext. What it leaves out stays the operator's: user, group and the
    /// volume's group 65532, not root, and the seccomp profile RuntimeDefault. Groups that own the nodes' GPU devices go into
    /// supplementalGroups.
    /// </summary>
    public V1PodSecurityContext? PodSecurityContext { get; set; }

    /// <summary>
    /// The security of the server's container, as in a container's own securityContext. What it leaves out stays the operator's: no
    /// privilege escalation, all capabilities dropped, a root file system that is read-only.
    /// </summary>
    public V1SecurityContext? SecurityContext { get; set; }

    /// <summary>Where the pods find the weights. Without it in the namespace's own cache volume.</summary>
    [ValidationRule(
        "!(has(self.claimName) && has(self.persistence) && self.persistence == 'Ephemeral')",
        message: "claimName has no effect with persistence Ephemeral; leave one of them out")]
    public ModelCacheSpec? ModelCache { get; set; }

    /// <summary>
    /// The size of the context window in tokens, 128 to 131072, as llama.cpp's --ctx-size. Without it the server decides. Larger
    /// contexts need more memory.
    /// </summary>
    [RangeMinimum(128)]
    [RangeMaximum(131072)]
    public int? ContextSize { get; set; }

    /// <summary>
    /// How many requests a pod serves at once, 1 to 64, as llama.cpp's --parallel. The slots share the context window. Without it
    /// the server decides.
    /// </summary>
    [RangeMinimum(1)]
    [RangeMaximum(64)]
    public int? ParallelSlots { get; set; }

    /// <summary>
    /// How the cache keeps keys: f16, f32, q8_0, q4_0, q4_1, q5_0, q5_1 or iq4_nl. Smaller ones need less GPU memory. Without it
    /// the server decides, which is f16.
    /// </summary>
    [EnumValues(
        CacheTypes.F16, CacheTypes.F32, CacheTypes.Q80, CacheTypes.Q40, CacheTypes.Q41, CacheTypes.Q50, CacheTypes.Q51, CacheTypes.Iq4Nl)]
    public string? CacheTypeK { get; set; }

    /// <summary>How the cache keeps values, as cacheTypeK.</summary>
    [EnumValues(
        CacheTypes.F16, CacheTypes.F32, CacheTypes.Q80, CacheTypes.Q40, CacheTypes.Q41, CacheTypes.Q50, CacheTypes.Q51, CacheTypes.Iq4Nl)]
    public string? CacheTypeV { get; set; }

    /// <summary>
    /// How many tokens of a prompt the server takes in at a time, 1 to 16384, as llama.cpp's --batch-size. Without it the server
    /// decides, which is 2048.
    /// </summary>
    [RangeMinimum(1)]
    [RangeMaximum(16384)]
    public int? BatchSize { get; set; }

    /// <summary>
    /// How many of those tokens are computed at a time, at least 1 and not more than batchSize, as llama.cpp's --ubatch-size. More
    /// is faster and needs more GPU memory. Without it the server decides, which is 512.
    /// </summary>
    [RangeMinimum(1)]
    public int? UBatchSize { get; set; }

    /// <summary>Whether to leave out the empty run after loading (llama.cpp's --no-warmup): ready sooner, the first answer later.</summary>
    public bool? NoWarmup { get; set; }

    /// <summary>
    /// What the server calls its model in the API, one name or several separated by commas, as llama.cpp's --alias. Without it that
    /// is the path of the weights. 1 to 256 letters, digits and . _ : / @ + , - of which the first is a letter or digit.
    /// </summary>
    [Length(minLength: 1, maxLength: 256)]
    [Pattern(ServerArgumentRules.AliasPattern)]
    public string? Alias { get; set; }

    /// <summary>Whether to use flash attention (llama.cpp's --flash-attn on). Applies on GPUs only.</summary>
    public bool? FlashAttention { get; set; }

    /// <summary>Whether to use the model's own chat template (llama.cpp's --jinja), which tool calls need.</summary>
    public bool? Jinja { get; set; }

    /// <summary>
    /// More arguments for the server, flag and value each an entry of its own. They come last, and where they have a flag that the
    /// operator would give, the operator's is left out. Not for the model, the address and the port, which the operator decides.
    /// Kubernetes replaces $(NAME) by the variable of that name in env; $$(NAME) is $(NAME). Whoever may read pods reads them: an
    /// API key belongs into env, from a Secret, as LLAMA_API_KEY. At most 256, of at most 8192 characters each.
    /// </summary>
    [Items(maxItems: 256)]
    [Length(maxLength: 8192)]
    [ValidationRule(ServerArgumentRules.NoModel, message: ServerArgumentRules.NoModelWords)]
    [ValidationRule(ServerArgumentRules.NoPreset, message: ServerArgumentRules.NoModelWords)]
    [ValidationRule(ServerArgumentRules.NoHost, message: ServerArgumentRules.NoHostWords)]
    [ValidationRule(ServerArgumentRules.NoPort, message: ServerArgumentRules.NoPortWords)]
    public IList<string>? ExtraArgs { get; set; }

    /// <summary>
    /// Environment variables of the server, as in a container's own env: with a value, or valueFrom a Secret, ConfigMap or field. An
    /// argument wins over the variable that says the same. Not for the model, which the operator decides (LLAMA_ARG_HF_REPO and
    /// others). At most 256, each name once.
    /// </summary>
    [Items(maxItems: 256)]
    [XListType(XListType.Map)]
    [XListMapKeys("name")]
    [ValidationRule(ServerArgumentRules.NoModelVariable, message: ServerArgumentRules.NoModelWords)]
    [ValidationRule(ServerArgumentRules.OneValue, message: ServerArgumentRules.OneValueWords)]
    [ValidationRule(ServerArgumentRules.OneSource, message: ServerArgumentRules.OneSourceWords)]
    public IList<V1EnvVar>? Env { get; set; }

    /// <summary>
    /// How many seconds a server may take to load its model before it is restarted, 10 to 604800. Large models from slow volumes
    /// take long. Default: 1800.
    /// </summary>
    [RangeMinimum(InferenceServiceDefaults.LeastStartupTimeoutSeconds)]
    [RangeMaximum(InferenceServiceDefaults.MostStartupTimeoutSeconds)]
    [DefaultValue(InferenceServiceDefaults.StartupTimeoutSeconds)]
    public int? StartupTimeoutSeconds { get; set; }

    /// <summary>How a pod is asked how it is, where that is to differ from the operator's GET /health.</summary>
    public ProbeOverrides? ProbeOverrides { get; set; }

    /// <summary>
    /// For how many seconds a pod that is to end goes on with the requests that it is answering, 0 to 86400, counted from 5 seconds after
    /// it has ceased to get new ones. It ends as soon as there are none. What is still running then is cut. Default: 60.
    /// </summary>
    [RangeMinimum(0)]
    [RangeMaximum(86400)]
    [DefaultValue(InferenceServiceDefaults.DrainTimeoutSeconds)]
    public int? DrainTimeoutSeconds { get; set; }

    /// <summary>
    /// How a pod that is to end waits for the requests that it is answering: Idle asks the server until there are none, for which the image
    /// needs sh and curl, as llama.cpp's own images have them. Sleep always takes drainTimeoutSeconds (at least 5) and works with every image. Default:
    /// Idle.
    /// </summary>
    [EnumValues(DrainModes.Idle, DrainModes.Sleep)]
    [DefaultValue(DrainModes.Idle)]
    public string? DrainMode { get; set; }

    /// <summary>
    /// How urgent the service is when GPUs are scarce: critical, high, normal, low or batch. It chooses the priority class of the
    /// pods (llmkube-critical and so on). More urgent services are scheduled first and may displace others, batch never does.
    /// Default: normal.
    /// </summary>
    [EnumValues(Priorities.Critical, Priorities.High, Priorities.Normal, Priorities.Low, Priorities.Batch)]
    [DefaultValue(Priorities.Normal)]
    public string? Priority { get; set; }

    /// <summary>The name of a PriorityClass of the cluster for the pods. It wins over priority. At most 253 characters.</summary>
    [Length(maxLength: 253)]
    public string? PriorityClassName { get; set; }
}
