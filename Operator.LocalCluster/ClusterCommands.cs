using System.CommandLine;
using k8s;
using LlmKube.Operator.LocalCluster.Controllers;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.LocalCluster.Scheduling;
using Microsoft.Extensions.Logging.Console;

namespace LlmKube.Operator.LocalCluster;

/// <summary>The verbs that run a part alone, against any API server, and <c>up</c>, which runs them all.</summary>
internal static class ClusterCommands
{
    public static IEnumerable<Command> All => [Controllers(), Scheduler(), Nodes(), Up()];

    private static Command Controllers()
    {
        var folder = new Option<string>("--volume-folder") { Description = "The folder under which volumes are made for claims.", DefaultValueFactory = _ => new ControllersOptions().VolumeFolder };
        return Part("controllers", "Run the controllers alone: Deployments, ReplicaSets, Jobs, volumes, endpoints, budgets, garbage, namespaces.", [folder],
            (client, parsed, logs, cancellation) => ControllersHost.RunAsync(client, new() { Loggers = logs, VolumeFolder = parsed.GetValue(folder)! }, cancellation));
    }

    private static Command Scheduler() => Part("scheduler", "Run the scheduler alone.", [],
        (client, _, logs, cancellation) => SchedulerHost.RunAsync(client, new() { Loggers = logs }, cancellation));

    private static Command Nodes()
    {
        var (nodes, gpus) = (NodesOption(), GpusOption());
        return Part("nodes", "Run simulated nodes alone: pods bound to them pretend to run.", [nodes, gpus],
            (client, parsed, logs, cancellation) => NodesHost.RunAsync(client, new() { Loggers = logs, Fleet = new(NodeSpec.Many(parsed.GetValue(nodes), parsed.GetValue(gpus))) }, cancellation));
    }

    private static Command Up()
    {
        var (nodes, gpus) = (NodesOption(), GpusOption());
        var port = new Option<int>("--port") { Description = "The port on 127.0.0.1; 0 takes any that is free.", DefaultValueFactory = _ => 6443 };
        var kubeconfig = new Option<string>("--kubeconfig-out") { Description = "Where to write the administrator's kubeconfig (readable by you alone).", DefaultValueFactory = _ => "kubeconfig" };
        var command = new Command("up", "Run API server, controllers, scheduler and simulated nodes in one process.") { nodes, gpus, port, kubeconfig };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var logs = Logs();
            try
            {
                await using var cluster = await LocalClusterHost.StartAsync(
                    new()
                    {
                        Loggers = logs,
                        ApiServer = new() { Port = parsed.GetValue(port), Logging = logs },
                        Fleet = new(NodeSpec.Many(parsed.GetValue(nodes), parsed.GetValue(gpus))),
                    },
                    cancellation);
                cluster.ApiServer.WriteKubeconfig(parsed.GetValue(kubeconfig)!);
                await parsed.InvocationConfiguration.Output.WriteLineAsync(
                    $"Development cluster (not Kubernetes; objects live in memory, pods only pretend to run) on {cluster.ApiServer.Address}\nexport KUBECONFIG={Path.GetFullPath(parsed.GetValue(kubeconfig)!)}");
                await cluster.Failed.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return cancellation.IsCancellationRequested ? 0 : 1;
            }
            catch (IOException e)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"The cluster can't start: {e.Message}");
                return 1;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return 0;
            }
        });
        return command;
    }

    private static Command Part(string name, string description, IReadOnlyList<Option> options, Func<IKubernetes, ParseResult, ILoggerFactory, CancellationToken, Task> run)
    {
        var kubeconfig = new Option<FileInfo?>("--kubeconfig") { Description = "The cluster to work on; by default KUBECONFIG or ~/.kube/config." };
        var command = new Command(name, description) { kubeconfig };
        foreach (var option in options) command.Add(option);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var logs = Logs();
            try
            {
                var config = parsed.GetValue(kubeconfig) is { } file ? await KubernetesClientConfiguration.BuildConfigFromConfigFileAsync(file) : KubernetesClientConfiguration.BuildDefaultConfig();
                using var client = new Kubernetes(config);
                await parsed.InvocationConfiguration.Output.WriteLineAsync($"Running {name} against {client.BaseUri}");
                await run(client, parsed, logs, cancellation);
                return 0;
            }
            catch (Exception e) when (e is k8s.Exceptions.KubeConfigException or IOException)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"--kubeconfig: {e.Message}");
                return 2;
            }
        });
        return command;
    }

    private static Option<int> NodesOption()
    {
        var option = new Option<int>("--nodes") { Description = "How many simulated nodes.", DefaultValueFactory = _ => 3 };
        option.Validators.Add(r => { if (r.GetValueOrDefault<int>() is < 0 or > 5000) r.AddError("--nodes must be between 0 and 5000."); });
        return option;
    }

    private static Option<int> GpusOption()
    {
        var option = new Option<int>("--gpus") { Description = "How many pretended NVIDIA GPUs each node has.", DefaultValueFactory = _ => 1 };
        option.Validators.Add(r => { if (r.GetValueOrDefault<int>() is < 0 or > 64) r.AddError("--gpus must be between 0 and 64."); });
        return option;
    }

    private static ILoggerFactory Logs() =>
        LoggerFactory.Create(log => log.AddFilter("Microsoft", LogLevel.Warning).AddSimpleConsole(c => c.ColorBehavior = LoggerColorBehavior.Disabled));
}
