using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;
using static LlmKube.Operator.Options.OperatorOption;

namespace LlmKube.Operator.Options;

/// <summary>Every option, once: flags, variables, keys, help, docs/options.md and what is refused come from here. None is a secret.</summary>
internal static class OptionTable
{
    /// <summary>The option that names the file; no file can.</summary>
    public const string Config = "config";

    /// <summary>The file that is read where it is there and no other is named.</summary>
    public const string DefaultFile = "appsettings.json";

    private const string CertificatePath = "metrics-cert-path";
    private const string Secure = "metrics-secure";
    private const string BindRule = "must be [address]:port, or 0 for off";
    private const string BoundRule = "must be a number from 0 to 10000";
    private const string FileNameRule = "must be the name of a file";

    private static readonly OperatorOptions Defaults = new();

    // A certificate's names without its folder are refused by what they need.
    private static readonly CertificateFiles NoFolder = new("");

    private static readonly OptionNeed Https = new($"--{Secure}", o => o.MetricsSecure);
    private static readonly OptionNeed HttpsForCertificates = Https with { IsMistake = false };
    private static readonly OptionNeed Folder = new($"--{CertificatePath}", o => o.MetricsCertificate is { Folder.Length: > 0 });

    /// <summary>All of them, by what they are about.</summary>
    public static IReadOnlyList<OptionGroup> Groups { get; } =
    [
        new("General",
        [
            // Read before all others, which may stand in it.
            Text(
                Config, $"JSON file whose section {Section} has options", $"{DefaultFile} of the working directory, if it is there",
                File.Exists, "is not a file", (o, _) => o) with { Value = "FILE" },
            Text(
                "namespace", "Work in this namespace only", "all",
                FlagValues.IsNamespace, "must be a namespace's name: at most 63 lower case letters, digits and '-'", (o, v) => o with { Namespace = v })
                with { Short = "-n", Value = "NAME" },
            Text(
                "kubeconfig", "kubeconfig file", "kubectl's, where there is one, else the pod's service account",
                File.Exists, "is not a file", (o, v) => o with { Kubeconfig = v }) with { Value = "FILE" },
            Of(
                "workers", "Objects of one kind that are reconciled at once", $"{Defaults.Workers}",
                FlagValues.Count, "must be a number from 1 to 256", (o, v) => o with { Workers = v })
                with { Value = "NUMBER" },
            Text(
                "operator-image", "Image of this program, for the Jobs that fetch models", "its own pod's",
                v => !v.Any(char.IsWhiteSpace), "must name an image", (o, v) => o with { OperatorImage = v })
                with { Value = "IMAGE" },
            Of(
                "image-pull-secrets", "Secrets, in each namespace, to pull images with: of fetches, and of servers beside those that spec.imagePullSecrets names", "none",
                FlagValues.SecretName, "must be the name of a Secret", (o, v) => o with { ImagePullSecrets = [.. o.ImagePullSecrets, v] })
                with { IsList = true, Value = "NAME,..." },
            Of(
                "health-probe-bind-address", "Where to serve /healthz and /readyz; 0 is off", $"{Defaults.HealthProbeBindAddress}",
                BindAddress.TryParse, BindRule, (o, v) => o with { HealthProbeBindAddress = v })
                with { Value = "ADDRESS" },
        ]),
        new("Leader election",
        [
            Switch("leader-elect", "Of several replicas let only the holder of a Lease work", Defaults.LeaderElect, (o, v) => o with { LeaderElect = v }),
        ]),
        new("Model cache",
        [
            Text(
                "model-cache-path", "Where pods mount the model cache", Defaults.ModelCachePath,
                FlagValues.IsMountPath, FlagValues.MountPathRule, (o, v) => o with { ModelCachePath = v })
                with { Value = "PATH" },
            Text(
                "model-cache-size", "Size of a new model cache claim", Defaults.ModelCacheSize,
                QuantityValue.IsPositive, "must be a quantity above zero, for instance 100Gi", (o, v) => o with { ModelCacheSize = v })
                with { Value = "QUANTITY" },
            Text(
                "model-cache-storage-class", "Storage class of a new model cache claim", "the cluster's",
                FlagValues.IsSubdomain, "must be the name of a StorageClass", (o, v) => o with { ModelCacheStorageClass = v })
                with { Value = "NAME" },
            Text(
                "model-cache-access-mode", "Access mode of a new model cache claim: ReadWriteOnce, ReadWriteMany or ReadWriteOncePod", Defaults.ModelCacheAccessMode,
                v => v is "ReadWriteOnce" or "ReadWriteMany" or "ReadWriteOncePod", "must be ReadWriteOnce, ReadWriteMany or ReadWriteOncePod",
                (o, v) => o with { ModelCacheAccessMode = v })
                with { Value = "MODE" },
        ]),
        new("Sources",
        [
            Of(
                "allowed-host-paths", "Folders of the nodes under which Models may name local sources", "none",
                FlagValues.Folder, "must be an absolute path without '..'; not '/'", (o, v) => o with { AllowedHostPaths = [.. o.AllowedHostPaths, v] })
                with { IsList = true, Value = "PATH,..." },
            Of(
                "allowed-source-addresses", "Hosts, IP addresses and CIDR blocks that Models may be fetched from although they are not public", "none",
                FlagValues.SourceAddress, FlagValues.SourceAddressRule, (o, v) => o with { AllowedSourceAddresses = [.. o.AllowedSourceAddresses, v] })
                with { IsList = true, Value = "ADDRESS,..." },
            Of(
                "max-concurrent-fetches", "Fetches that run at once, in all namespaces together; 0 is no bound", $"{Defaults.MaxConcurrentFetches}",
                FlagValues.Bound, BoundRule, (o, v) => o with { MaxConcurrentFetches = v })
                with { Value = "NUMBER" },
            Of(
                "huggingface-endpoint", "URL that hf sources are fetched from", SourceDefaults.HuggingFaceEndpoint,
                FlagValues.Endpoint, FlagValues.EndpointRule, (o, v) => o with { HuggingFaceEndpoint = v })
                with { Value = "URL" },
            Text(
                "ca-cert-configmap", "ConfigMap in a Model's namespace with certificates in PEM of authorities to trust when it is fetched, unless it names another", "none",
                FlagValues.IsSubdomain, "must be the name of a ConfigMap", (o, v) => o with { CaCertConfigMap = v })
                with { Value = "NAME" },
        ]),
        new("Server images",
        [
            Text(
                "image-mirror", $"Registry and path that stand for {ServerImages.Upstream} where the operator chooses an image of llama.cpp's server", ServerImages.Upstream,
                FlagValues.IsImagePath, "must be a registry with a path, such as registry.example.com/mirror",
                (o, v) => o with { ServerImages = o.ServerImages with { Mirror = v } })
                with { Value = "REGISTRY/PATH" },
            new(
                "server-image", $"The image, with the tag or digest of your choice, of a build of llama.cpp's server: {string.Join(", ", ServerBuilds.All)}", "llama.cpp's own",
                $"must be BUILD=IMAGE with one of the builds {string.Join(", ", ServerBuilds.All)}, each at most once",
                (o, v) => FlagValues.ServerImage(v) is { } given ? o.ServerImages.With(given.Build, given.Image) is { } images ? o with { ServerImages = images } : null : null)
            {
                IsList = true,
                Value = "BUILD=IMAGE,...",
            },
        ]),
        new("Rollouts",
        [
            Of(
                "max-concurrent-upgrades", "InferenceServices that get newer pods at once because of the operator's own version or flags; 0 is no bound", $"{Defaults.MaxConcurrentUpgrades}",
                FlagValues.Bound, BoundRule, (o, v) => o with { MaxConcurrentUpgrades = v })
                with { Value = "NUMBER" },
        ]),
        new("Metrics",
        [
            Of(
                "metrics-bind-address", "Where to serve /metrics; 0 is off", $"{Defaults.MetricsBindAddress}",
                BindAddress.TryParse, BindRule, (o, v) => o with { MetricsBindAddress = v })
                with { Value = "ADDRESS" },
            Switch(
                Secure, "Serve /metrics over HTTPS to who may get it by RBAC; false: over plain HTTP to everybody", Defaults.MetricsSecure,
                (o, v) => o with { MetricsSecure = v }),
            Text(
                CertificatePath, "Folder with the certificate of /metrics", "none: one is made",
                Directory.Exists, "is not a folder", (o, v) => o with { MetricsCertificate = (o.MetricsCertificate ?? NoFolder) with { Folder = v } })
                with { Value = "FOLDER", Needs = [HttpsForCertificates] },
            Text(
                "metrics-cert-name", "Name of the certificate's file in it", CertificateFiles.DefaultCertificateName,
                FlagValues.IsFileName, FileNameRule, (o, v) => o with { MetricsCertificate = (o.MetricsCertificate ?? NoFolder) with { CertificateName = v } })
                with { Value = "FILE", Needs = [HttpsForCertificates, Folder] },
            Text(
                "metrics-cert-key", "Name of the key's file in it", CertificateFiles.DefaultKeyName,
                FlagValues.IsFileName, FileNameRule, (o, v) => o with { MetricsCertificate = (o.MetricsCertificate ?? NoFolder) with { KeyName = v } })
                with { Value = "FILE", Needs = [HttpsForCertificates, Folder] },
            Switch("enable-http2", "Speak HTTP/2 at /metrics, too", Defaults.EnableHttp2, (o, v) => o with { EnableHttp2 = v })
                with { Needs = [Https] },
        ]),
        new("Tracing", [])
        {
            Note = "Off until OTEL_EXPORTER_OTLP_ENDPOINT names a collector. Only OpenTelemetry's own variables are read, among them those with tokens: docs/tracing.md",
        },
        new("Logging",
        [
            Of(
                "log-level", "trace, debug, information, warning or error", "information",
                FlagValues.Level, "must be trace, debug, information, warning or error", (o, v) => o with { LogLevel = v })
                with { Value = "LEVEL" },
            Of("log-format", "text or json", "text", FlagValues.Format, "must be text or json", (o, v) => o with { LogFormat = v }) with { Value = "FORMAT" },
        ]),
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<OperatorOption> All { get; } = [.. Groups.SelectMany(g => g.Options)];
}
