using System.Text;
using k8s;
using LlmKube.Operator.LocalCluster.Access;
using LlmKube.Operator.LocalCluster.Commands;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.LocalCluster.Nodes.Processes;
using Microsoft.AspNetCore.Connections;

namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>The demo from beginning to end.</summary>
internal sealed class DemoRun(DemoConsole console)
{
    private const int NodeCount = 2;
    private static readonly TimeSpan ProxyPatience = TimeSpan.FromSeconds(30);

    // Large enough to be worth a fetch, small enough to answer at once.
    private static readonly TinyModelSpec Generated = new() { Layers = 4, Embedding = 256, FeedForward = 512, Name = "demo", EndWeight = 0.3f };

    /// <summary>Whether the model has been served and asked: from here on an interruption is how it ends well.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>Whether the model could not be served.</summary>
    public bool HasFailed { get; private set; }

    /// <exception cref="CannotRunException">It can't go on.</exception>
    public async Task RunAsync(DemoOptions options, CancellationToken cancellation)
    {
        var kubectl = Repository.Program(options.Root, "kubectl");
        IReadOnlyList<ImageProgram> images =
        [
            new("ghcr.io/ggml-org/llama.cpp:server*", Repository.Program(options.Root, "llama-server"), []),
            new("llmkube-operator:*", Repository.Dotnet(options.Root), [Repository.Operator(options.Root)]),
        ];
        PodPorts.Check(PodPorts.Needed);
        using var folder = DemoFolder.Open(options.Folder);
        using var file = new LogFile(folder.Log, options.Time);
        using var logs = LoggerFactory.Create(l => l.AddProvider(file).AddFilter("Microsoft", LogLevel.Warning));
        await using var cluster = await StartAsync(options, folder, images, logs, cancellation);
        cluster.ApiServer.WriteKubeconfig(folder.Kubeconfig);
        console.Step($"Cluster: {cluster.ApiServer.Address.GetLeftPart(UriPartial.Authority)}, {NodeCount} nodes, each with a pretended GPU (not Kubernetes: see README.md)");

        using var client = new Kubernetes(cluster.ApiServer.ClientConfiguration());
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(10) };
        using var metrics = new OperatorScrape(client, cluster.ApiServer.AdminToken);
        var program = new KubectlProgram(kubectl, options.Root, folder);
        await WhileAliveAsync(cluster, ShowAsync, cancellation);

        async Task ShowAsync(CancellationToken stop)
        {
            await InstallAsync(program, stop);
            await using var source = await SourceAsync(options, folder, logs, stop);
            try
            {
                await ServeAsync(options, folder, program, source?.Address ?? options.Model!, new Rollout(client, console, options.Patience, logs, options.Time), stop);
                await AskAsync(options, client, http, metrics, stop);
            }
            catch (CannotRunException e) when (!options.Exit)
            {
                // What there is, is worth a look.
                HasFailed = true;
                console.Text($"{Environment.NewLine}error: {e.Message}");
            }

            if (options.Exit) return;
            await DemoMonitoring.WriteAsync(program, folder, cluster.ApiServer.AdminToken, stop);
            await TellHowToGoOnAsync(kubectl, folder, client, metrics, stop);
            await Task.Delay(Timeout.InfiniteTimeSpan, options.Time, stop);
        }
    }

    private static async Task<LocalClusterHost> StartAsync(DemoOptions options, DemoFolder folder, IReadOnlyList<ImageProgram> images, ILoggerFactory logs, CancellationToken cancellation)
    {
        try
        {
            return await LocalClusterHost.StartAsync(
                new()
                {
                    Time = options.Time,
                    Loggers = logs,
                    ApiServer = new() { Port = options.Port, Logging = logs, RequestsKept = 0 },
                    Controllers = new() { VolumeFolder = folder.Volumes },
                    Fleet = new(NodeSpec.Many(NodeCount, gpus: 1)),
                    Processes = new() { Folder = folder.Nodes, Images = images },
                },
                cancellation);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new CannotRunException($"port {options.Port} on 127.0.0.1 is taken; make demo DEMO_PORT=0 takes any that is free");
        }
        catch (IOException e)
        {
            throw new CannotRunException(e.Message);
        }
    }

    // A part that fails ends the demo with its words, whatever is being waited for.
    private static async Task WhileAliveAsync(LocalClusterHost cluster, Func<CancellationToken, Task> work, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var (working, failed) = (work(stop.Token), cluster.Failed);
        if (await Task.WhenAny(working, failed) == working)
        {
            await working;
            return;
        }

        await stop.CancelAsync();
        await ((Task)working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        throw new CannotRunException($"the local cluster has failed: {failed.Exception?.InnerException?.Message ?? "a part of it ended"}");
    }

    private async Task InstallAsync(KubectlProgram kubectl, CancellationToken cancellation)
    {
        console.Step("$ kubectl apply -k deploy/overlays/dev");
        var applied = await kubectl.RunAsync(["apply", "-k", "deploy/overlays/dev"], cancellation);
        console.Step($"Installed {applied.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length} objects: definitions, rights, priorities, the operator's Deployment");
        await kubectl.RunAsync(["rollout", "status", $"deployment/{OperatorScrape.DeploymentName}", "-n", OperatorScrape.Namespace, "--timeout=120s"], cancellation);
        console.Step("Operator: available");
    }

    /// <returns>Where the generated model is served; null for the user's own.</returns>
    private async Task<ModelServer?> SourceAsync(DemoOptions options, DemoFolder folder, ILoggerFactory logs, CancellationToken cancellation)
    {
        if (options.Model is not null) return null;
        TinyModel.WriteFile(folder.Model, Generated);
        var server = await ModelServer.StartAsync(Path.GetDirectoryName(folder.Model)!, logs, cancellation);
        console.Step($"Generated a model with random weights ({new FileInfo(folder.Model).Length / 1_000_000} MB); it is served at {server.Address}");
        return server;
    }

    private async Task ServeAsync(DemoOptions options, DemoFolder folder, KubectlProgram kubectl, Uri source, Rollout rollout, CancellationToken cancellation)
    {
        var sample = await File.ReadAllTextAsync(Path.Combine(options.Root, Sample.Path), cancellation);
        var url = options.Model is null ? new Uri(source, Path.GetFileName(folder.Model)) : source;
        PrivateFile.Write(folder.Manifest, Encoding.UTF8.GetBytes(Sample.WithSource(sample, url))); // The URL may hold a token.
        console.Step($"$ kubectl apply -f {NextCommands.Short(folder.Manifest, options.Root)}   ({Sample.Path} with this source)");
        await rollout.ReadyAsync(() => kubectl.RunAsync(["apply", "-f", folder.Manifest], cancellation), cancellation);
    }

    private async Task AskAsync(DemoOptions options, IKubernetes client, HttpClient http, OperatorScrape metrics, CancellationToken cancellation)
    {
        var service = await ServiceAddressAsync(client, cancellation);
        const string question = "In one sentence: what does a Kubernetes operator do?";
        var answer = await ChatQuestion.AskAsync(http, new(service, "/v1/chat/completions"), question, options.Model is null ? 32 : 256, ProxyPatience, options.Time, cancellation);
        HasAnswered = true;
        console.Step($"Asked {service}: {answer.Speed}");
        console.Text($"{Environment.NewLine}  question: {question}{Environment.NewLine}  answer:   {answer.Line}");
        if (options.Model is null) console.Text("  (The model's weights are random, so its words are noise; make demo MODEL=https://...gguf serves one that was trained.)");

        console.Text($"{Environment.NewLine}Metrics of the operator and of llama-server:");
        if (await metrics.AddressAsync(cancellation) is { } address) await QuoteAsync(address, MetricsExcerpt.OperatorFamilies, metrics.ReadAsync);
        await QuoteAsync(new(service, "/metrics"), MetricsExcerpt.ServerFamilies, http.GetStringAsync);

        async Task QuoteAsync(Uri url, IReadOnlyList<string> names, Func<Uri, CancellationToken, Task<string>> read)
        {
            try
            {
                foreach (var line in MetricsExcerpt.Of(await read(url, cancellation), names)) console.Text($"  {line}");
            }
            catch (HttpRequestException e)
            {
                console.Text($"  ({url} can't be read now: {e.Message})");
            }
        }
    }

    private async Task TellHowToGoOnAsync(string kubectl, DemoFolder folder, IKubernetes client, OperatorScrape metrics, CancellationToken cancellation)
    {
        var isOnPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Any(f => File.Exists(Path.Combine(f, "kubectl")));
        var service = HasFailed ? null : await ServiceAddressAsync(client, cancellation);
        var next = new NextCommands(kubectl, isOnPath, folder, Environment.CurrentDirectory);
        console.Text($"{Environment.NewLine}Go on in another terminal:");
        foreach (var command in next.LookAround(service)) console.Text($"  {command}");
        if (await metrics.AddressAsync(cancellation) is { } address) console.Text($"{Environment.NewLine}The operator's metrics, which want a token:{Environment.NewLine}  {next.Metrics(address)}");
        console.Text($"{Environment.NewLine}Metrics of both, and the alerts on them, at http://{NextCommands.PrometheusAddress}:");
        foreach (var command in next.Prometheus()) console.Text($"  {command}");
        console.Text($"{Environment.NewLine}Traces, to an OTLP collector on this machine:{Environment.NewLine}  {next.Traces()}");
        console.Text($"{Environment.NewLine}The cluster's own log is {NextCommands.Short(folder.Log, Environment.CurrentDirectory)}. Ctrl-C ends everything.");
    }

    private static async Task<Uri> ServiceAddressAsync(IKubernetes client, CancellationToken cancellation)
    {
        var service = await client.CoreV1.ReadNamespacedServiceAsync(Sample.Name, Sample.Namespace, cancellationToken: cancellation);
        return new($"http://{service.Spec.ClusterIP}:{service.Spec.Ports[0].Port}/");
    }
}
