using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Options;

/// <summary>Everything that can be said to the operator when it starts; how is in <see cref="OptionTable"/>.</summary>
internal sealed record OperatorOptions
{
    /// <summary>The one namespace to work in; null: all of them.</summary>
    public string? Namespace { get; init; }

    /// <summary>True: of several operators only the holder of the Lease works.</summary>
    public bool LeaderElect { get; init; }

    /// <summary>A kubeconfig file; null: the pod's service account, or kubectl's default outside a cluster.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>Objects of one kind that are reconciled at once.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>The image of this program, for the Jobs that fetch models; null: the one that the program's own pod runs.</summary>
    public string? OperatorImage { get; init; }

    /// <summary>Secrets, in the namespace of each pod, that its images are pulled with; none: the nodes' own credentials.</summary>
    public IReadOnlyList<string> ImagePullSecrets { get; init; } = [];

    /// <summary>The pod that this program runs in, as the downward API tells it; null outside of one.</summary>
    public string? PodName { get; init; } = Environment.GetEnvironmentVariable("POD_NAME");

    /// <summary>The namespace of <see cref="PodName"/>.</summary>
    public string? PodNamespace { get; init; } = Environment.GetEnvironmentVariable("POD_NAMESPACE");

    /// <summary>Where pods mount the model cache.</summary>
    public string ModelCachePath { get; init; } = CacheDefaults.MountPath;

    /// <summary>The size of a new cache claim, as a quantity.</summary>
    public string ModelCacheSize { get; init; } = CacheDefaults.Size;

    /// <summary>The storage class of a new cache claim; empty: the cluster's default.</summary>
    public string ModelCacheStorageClass { get; init; } = "";

    /// <summary>The access mode of a new cache claim.</summary>
    public string ModelCacheAccessMode { get; init; } = CacheDefaults.AccessMode;

    /// <summary>Folders of the nodes under which Models may name local sources; none: no local sources. Everybody who may create a Model can read them.</summary>
    public IReadOnlyList<string> AllowedHostPaths { get; init; } = [];

    /// <summary>Fetches that run at once in all namespaces together; 0: no bound.</summary>
    public int MaxConcurrentFetches { get; init; } = 16;

    /// <summary>InferenceServices whose pods are replaced at once for no other reason than the operator's version or options; 0: no bound.</summary>
    public int MaxConcurrentUpgrades { get; init; } = 1;

    /// <summary>Hosts, addresses and CIDR blocks that fetches may connect to although they are not public; none: public addresses only.</summary>
    public IReadOnlyList<string> AllowedSourceAddresses { get; init; } = [];

    /// <summary>The Hugging Face Hub that hf sources are fetched from, or what stands in for it.</summary>
    public Uri HuggingFaceEndpoint { get; init; } = new(SourceDefaults.HuggingFaceEndpoint);

    /// <summary>
    /// The ConfigMap, in each Model's namespace, with certificates of authorities that its fetch trusts beside the system's own, for Models that name
    /// none; null: there is none.
    /// </summary>
    public string? CaCertConfigMap { get; init; }

    /// <summary>Where the builds of llama.cpp's server come from.</summary>
    public ServerImages ServerImages { get; init; } = ServerImages.Default;

    /// <summary>The proxies that fetches go through.</summary>
    public ProxyVariables Proxies { get; init; } = ProxyVariables.None;

    /// <summary>Where <c>/metrics</c> is served.</summary>
    public BindAddress MetricsBindAddress { get; init; } = BindAddress.Any(8443);

    /// <summary>True: over HTTPS, and only to who may read it by RBAC; false: over plain HTTP to everybody.</summary>
    public bool MetricsSecure { get; init; } = true;

    /// <summary>The certificate of <c>/metrics</c>; null: a self-signed one is made at each start.</summary>
    public CertificateFiles? MetricsCertificate { get; init; }

    /// <summary>True: HTTP/2 is spoken, too. Off, as its implementations have had ways to be kept busy that HTTP/1.1 lacks.</summary>
    public bool EnableHttp2 { get; init; }

    /// <summary>Where <c>/healthz</c> and <c>/readyz</c> are served.</summary>
    public BindAddress HealthProbeBindAddress { get; init; } = BindAddress.Any(8081);

    /// <summary>What was given and changes nothing, such as flags of the Go operator, each with the reason.</summary>
    public IReadOnlyList<string> Unused { get; init; } = [];

    /// <summary>Messages below this level are not logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>How log lines look.</summary>
    public LogFormat LogFormat { get; init; } = LogFormat.Text;
}

/// <summary>How log lines look.</summary>
internal enum LogFormat
{
    /// <summary>One line of text, for people.</summary>
    Text,

    /// <summary>One JSON object a line, for collectors.</summary>
    Json,
}
