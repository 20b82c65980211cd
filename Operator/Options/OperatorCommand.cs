using System.CommandLine;
using System.CommandLine.Parsing;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Options;

/// <summary>The command line: flags keep the Go operator's names. A wrong one is refused in one line and exit code 2.</summary>
internal static class OperatorCommand
{
    /// <summary>The exit code for a mistaken command line.</summary>
    public const int UsageError = 2;

    // Above the host's own limit, which ends a stubborn shutdown, and the five seconds that the last spans may take after it.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(38);

    private static readonly OperatorOptions Defaults = new();

    private static readonly Option<string?> Namespace = new("--namespace", "-n")
    {
        Description = "Work in this namespace only (default: in all)",
    };

    private static readonly Option<string?> LeaderElect = Switch("--leader-elect", "Of several replicas let only the holder of a Lease work (default: false)");

    private static readonly Option<string?> Kubeconfig = new("--kubeconfig")
    {
        Description = "kubeconfig file (default: kubectl's, where there is one, else the pod's service account)",
    };

    private static readonly Option<string> Workers = Text("--workers", "Objects of one kind that are reconciled at once", $"{Defaults.Workers}");
    private static readonly Option<string> Image = Text("--operator-image", "Image of this program, for the Jobs that fetch models (empty: its own pod's)", "");
    private static readonly Option<string> CachePath = Text("--model-cache-path", "Where pods mount the model cache", Defaults.ModelCachePath);
    private static readonly Option<string> CacheSize = Text("--model-cache-size", "Size of a new model cache claim", Defaults.ModelCacheSize);
    private static readonly Option<string> CacheClass = Text("--model-cache-storage-class", "Storage class of a new model cache claim (empty: the cluster's default)", "");

    private static readonly Option<string> CacheMode =
        Text("--model-cache-access-mode", "Access mode of a new model cache claim: ReadWriteOnce, ReadWriteMany or ReadWriteOncePod", Defaults.ModelCacheAccessMode);

    private static readonly Option<string> HostPaths =
        Text("--allowed-host-paths", "Folders of the nodes, separated by commas, under which Models may name local sources (default: none)", "");

    private static readonly Option<string> MaxFetches = Text("--max-concurrent-fetches", "Fetches that run at once, in all namespaces together; 0 is no bound", $"{Defaults.MaxConcurrentFetches}");

    private static readonly Option<string> MaxUpgrades =
        Text("--max-concurrent-upgrades", "InferenceServices that get newer pods at once because of the operator's own version or flags; 0 is no bound", $"{Defaults.MaxConcurrentUpgrades}");

    private static readonly Option<string> SourceAddresses = Text(
        "--allowed-source-addresses",
        "Hosts, IP addresses and CIDR blocks, separated by commas, that Models may be fetched from although they are not public (default: none)",
        "");

    private static readonly Option<string> HuggingFace = Text("--huggingface-endpoint", "URL that hf sources are fetched from", SourceDefaults.HuggingFaceEndpoint);

    private static readonly Option<string> CaConfigMap = Text(
        "--ca-cert-configmap",
        "ConfigMap in a Model's namespace with certificates in PEM of authorities to trust when it is fetched, unless it names another (default: none)",
        "");

    private static readonly Option<string> ImageMirror =
        Text("--image-mirror", "Registry and path that stand for ghcr.io/ggml-org where the operator chooses an image of llama.cpp's server", ServerImages.Upstream);

    private static readonly Option<string[]> ServerImage = new("--server-image")
    {
        Description = "BUILD=IMAGE: the image, with the tag or digest of your choice, of a build of llama.cpp's server: cpu, cuda, rocm, intel or vulkan (may be given several times)",
    };

    private static readonly Option<string> Metrics = Text("--metrics-bind-address", "Where to serve /metrics; 0 is off", $"{Defaults.MetricsBindAddress}");

    private static readonly Option<string?> MetricsSecure =
        Switch("--metrics-secure", "Serve /metrics over HTTPS to who may get it by RBAC; false: over plain HTTP to everybody (default: true)");

    private static readonly Option<string> CertPath = Text("--metrics-cert-path", "Folder with the certificate of /metrics (empty: a self-signed one is made)", "");
    private static readonly Option<string> CertName = Text("--metrics-cert-name", "Name of the certificate's file in it", CertificateFiles.DefaultCertificateName);
    private static readonly Option<string> CertKey = Text("--metrics-cert-key", "Name of the key's file in it", CertificateFiles.DefaultKeyName);
    private static readonly Option<string?> EnableHttp2 = Switch("--enable-http2", "Speak HTTP/2 at /metrics, too (default: false)");
    private static readonly Option<string> Probes = Text("--health-probe-bind-address", "Where to serve /healthz and /readyz; 0 is off", $"{Defaults.HealthProbeBindAddress}");
    private static readonly Option<string> Level = Text("--log-level", "trace, debug, information, warning or error", "information");
    private static readonly Option<string> Format = Text("--log-format", "text or json", "text");

    /// <summary>The root command.</summary>
    /// <param name="run">Runs the operator and gives the exit code.</param>
    /// <param name="verbs">Further verbs of the same program.</param>
    public static RootCommand Create(Func<OperatorOptions, CancellationToken, Task<int>> run, params IEnumerable<Command> verbs)
    {
        var root = new RootCommand("Runs LLMs on Kubernetes: fetches the weights of Models and serves InferenceServices with llama.cpp.");
        Option[] options =
        [
            Namespace, LeaderElect, Kubeconfig, Workers, Image, CachePath, CacheSize, CacheClass, CacheMode, HostPaths, MaxFetches, MaxUpgrades, SourceAddresses, HuggingFace, CaConfigMap,
            ImageMirror, ServerImage,
            Metrics, MetricsSecure, CertPath, CertName, CertKey, EnableHttp2, Probes, Level, Format,
        ];
        foreach (var option in options) root.Options.Add(option);
        foreach (var verb in verbs) root.Subcommands.Add(verb);
        root.Validators.Add(CheckTogether);
        root.SetAction((parsed, cancellationToken) => run(Read(parsed), cancellationToken));
        return root;
    }

    /// <summary>Parses and runs, or says in one line what is wrong.</summary>
    /// <param name="root">The root command.</param>
    /// <param name="args">The command line.</param>
    /// <param name="error">Where the line goes.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> InvokeAsync(RootCommand root, string[] args, TextWriter error)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors is [var first, ..])
        {
            await error.WriteLineAsync($"llmkube-operator: {first.Message.ReplaceLineEndings(" ").Trim()} (see --help)");
            return UsageError;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = ShutdownTimeout });
    }

    private static OperatorOptions Read(ParseResult parsed) => new()
    {
        Namespace = parsed.GetValue(Namespace) is { Length: > 0 } only ? only : null,
        LeaderElect = IsOn(parsed, LeaderElect, Defaults.LeaderElect),
        Kubeconfig = parsed.GetValue(Kubeconfig) is { Length: > 0 } file ? file : null,
        Workers = FlagValues.Count(parsed.GetValue(Workers)!)!.Value,
        OperatorImage = parsed.GetValue(Image) is { Length: > 0 } image ? image : null,
        ModelCachePath = parsed.GetValue(CachePath)!,
        ModelCacheSize = parsed.GetValue(CacheSize)!,
        ModelCacheStorageClass = parsed.GetValue(CacheClass)!,
        ModelCacheAccessMode = parsed.GetValue(CacheMode)!,
        AllowedHostPaths = FlagValues.Folders(parsed.GetValue(HostPaths)!)!,
        MaxConcurrentFetches = FlagValues.Bound(parsed.GetValue(MaxFetches)!)!.Value,
        MaxConcurrentUpgrades = FlagValues.Bound(parsed.GetValue(MaxUpgrades)!)!.Value,
        AllowedSourceAddresses = FlagValues.SourceAddresses(parsed.GetValue(SourceAddresses)!)!,
        HuggingFaceEndpoint = FlagValues.Endpoint(parsed.GetValue(HuggingFace)!)!,
        CaCertConfigMap = parsed.GetValue(CaConfigMap) is { Length: > 0 } configMap ? configMap : null,
        MetricsBindAddress = BindAddress.TryParse(parsed.GetValue(Metrics)!)!,
        MetricsSecure = IsOn(parsed, MetricsSecure, Defaults.MetricsSecure),
        MetricsCertificate = parsed.GetValue(CertPath) is { Length: > 0 } folder ? new(folder, parsed.GetValue(CertName)!, parsed.GetValue(CertKey)!) : null,
        EnableHttp2 = IsOn(parsed, EnableHttp2, Defaults.EnableHttp2),
        ServerImages = ImagesOf(parsed),
        HealthProbeBindAddress = BindAddress.TryParse(parsed.GetValue(Probes)!)!,
        LogLevel = FlagValues.Level(parsed.GetValue(Level)!)!.Value,
        LogFormat = FlagValues.Format(parsed.GetValue(Format)!)!.Value,
    };

    static OperatorCommand()
    {
        Check(Workers, v => FlagValues.Count(v) is not null, "must be a number from 1 to 256");
        Check(Image, v => !v.Any(char.IsWhiteSpace), "must name an image");
        Check(CachePath, v => v.StartsWith('/') && !v.Contains("..", StringComparison.Ordinal) && v.Length > 1, "must be an absolute path");
        Check(CacheSize, QuantityValue.IsPositive, "must be a quantity above zero, for instance 100Gi");
        Check(CacheMode, v => v is "ReadWriteOnce" or "ReadWriteMany" or "ReadWriteOncePod", "must be ReadWriteOnce, ReadWriteMany or ReadWriteOncePod");
        Check(HostPaths, v => FlagValues.Folders(v) is not null, "must be absolute paths without '..', separated by commas; not '/'");
        Check(MaxFetches, v => FlagValues.Bound(v) is not null, "must be a number from 0 to 10000");
        Check(MaxUpgrades, v => FlagValues.Bound(v) is not null, "must be a number from 0 to 10000");
        Check(SourceAddresses, v => FlagValues.SourceAddresses(v) is not null, $"{FlagValues.SourceAddressRule}; several are separated by commas");
        Check(HuggingFace, v => FlagValues.Endpoint(v) is not null, FlagValues.EndpointRule);
        Check(CaConfigMap, v => v.Length == 0 || FlagValues.IsSubdomain(v), "must be the name of a ConfigMap");
        Check(ImageMirror, v => FlagValues.IsImagePath(v), "must be a registry with a path, such as registry.example.com/mirror");
        ServerImage.Validators.Add(result =>
        {
            if (result.Tokens.Select(t => t.Value).FirstOrDefault(v => FlagValues.ServerImage(v) is null) is { } wrong)
            {
                result.AddError($"--server-image: '{wrong}' must be BUILD=IMAGE with one of the builds {string.Join(", ", ServerBuilds.All)}");
            }
            else if (result.Tokens.Select(t => FlagValues.ServerImage(t.Value)!.Value.Build).GroupBy(b => b).FirstOrDefault(g => g.Skip(1).Any()) is { } twice)
            {
                result.AddError($"--server-image: the build {twice.Key} has an image already");
            }
        });
        Check(Metrics, v => BindAddress.TryParse(v) is not null, "must be [address]:port, or 0 for off");
        Check(Probes, v => BindAddress.TryParse(v) is not null, "must be [address]:port, or 0 for off");
        Check(Level, v => FlagValues.Level(v) is not null, "must be trace, debug, information, warning or error");
        Check(Format, v => FlagValues.Format(v) is not null, "must be text or json");
        Check(CertPath, v => v.Length == 0 || Directory.Exists(v), "is not a folder");
        Check(CertName, v => v.Length > 0 && !v.Contains('/'), "must be the name of a file");
        Check(CertKey, v => v.Length > 0 && !v.Contains('/'), "must be the name of a file");
        Kubeconfig.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { Length: > 0 } file && !File.Exists(file)) result.AddError($"--kubeconfig: there is no file '{file}'");
        });
        Namespace.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { Length: > 0 } ns && !FlagValues.IsNamespace(ns))
            {
                result.AddError($"--namespace: '{ns}' must be a namespace's name: at most 63 lower case letters, digits and '-'");
            }
        });
    }

    // A flag that would do nothing is a mistake, too.
    private static void CheckTogether(CommandResult given)
    {
        var isSecure = given.GetResult(MetricsSecure) is not { Tokens: [var said] } || !bool.TryParse(said.Value, out var on) || on;
        foreach (var (flag, needs, has) in new (Option, string, bool)[]
        {
            (CertName, "--metrics-cert-path", given.GetValue(CertPath) is { Length: > 0 }),
            (CertKey, "--metrics-cert-path", given.GetValue(CertPath) is { Length: > 0 }),
            (CertPath, "--metrics-secure", isSecure),
            (EnableHttp2, "--metrics-secure", isSecure),
        })
        {
            if (given.GetResult(flag) is { Implicit: false } && !has) given.AddError($"{flag.Name} has no effect without {needs}");
        }
    }

    private static ServerImages ImagesOf(ParseResult parsed)
    {
        var chosen = (parsed.GetValue(ServerImage) ?? []).Select(v => FlagValues.ServerImage(v)!.Value).ToDictionary(c => c.Build, c => c.Image);
        var mirror = parsed.GetValue(ImageMirror)!;
        return (chosen.Count, mirror) is (0, ServerImages.Upstream) ? ServerImages.Default : new() { Mirror = mirror, Chosen = chosen };
    }

    // Text, since of a bool the library would take a mistaken value for an argument of its own.
    private static Option<string?> Switch(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "true|false", Arity = ArgumentArity.ZeroOrOne };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var said] && !bool.TryParse(said.Value, out _)) result.AddError($"{name}: '{said.Value}' must be true or false");
        });
        return option;
    }

    private static bool IsOn(ParseResult parsed, Option<string?> option, bool otherwise) =>
        parsed.GetResult(option) is { } given ? given.Tokens is not [var said] || bool.Parse(said.Value) : otherwise;

    private static Option<string> Text(string name, string description, string value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    private static void Check(Option<string> option, Func<string, bool> holds, string rule) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && !holds(token.Value)) result.AddError($"{option.Name}: '{token.Value}' {rule}");
    });
}
