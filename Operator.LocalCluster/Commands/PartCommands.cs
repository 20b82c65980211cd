using System.CommandLine;
using k8s;
using k8s.Exceptions;
using LlmKube.Operator.LocalCluster.Controllers;
using LlmKube.Operator.LocalCluster.Controllers.Watching;
using LlmKube.Operator.LocalCluster.Networking;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.LocalCluster.Scheduling;

namespace LlmKube.Operator.LocalCluster.Commands;

/// <summary>The verbs that run one part alone, against any API server, until it is stopped.</summary>
internal static class PartCommands
{
    public static Command Controllers()
    {
        var folder = new Option<string>("--volume-folder") { Description = "The folder under which volumes are made for claims.", DefaultValueFactory = _ => new ControllersOptions().VolumeFolder };
        return Part("controllers", "Run the controllers alone: Deployments, ReplicaSets, Jobs, volumes, endpoints, budgets, garbage, namespaces.", [folder],
            (part, parsed, cancellation) => ControllersHost.RunAsync(part.Client, new() { Loggers = part.Logs, VolumeFolder = parsed.GetValue(folder)! }, cancellation));
    }

    public static Command Scheduler() => Part("scheduler", "Run the scheduler alone.", [],
        (part, _, cancellation) => SchedulerHost.RunAsync(part.Client, new() { Loggers = part.Logs }, cancellation));

    public static Command Nodes()
    {
        var (nodes, gpus, processFlags) = (SharedOptions.Nodes(), SharedOptions.Gpus(), new ProcessFlags());
        return Part("nodes", "Run nodes alone: pods bound to them are processes (--image), or only pretend to run.", [nodes, gpus, .. processFlags.All], (part, parsed, cancellation) =>
        {
            var fleet = new NodeFleet(NodeSpec.Many(parsed.GetValue(nodes), parsed.GetValue(gpus)));
            return NodesHost.RunAsync(part.Client, new() { Loggers = part.Logs, Fleet = fleet, Processes = processFlags.Read(parsed), Cluster = part.Cluster }, cancellation);
        });
    }

    public static Command Proxy() => Part("proxy", "Run the service proxy alone: services are reached on loopback, at the addresses that it prints.", [],
        (part, _, cancellation) => ServiceProxyHost.RunAsync(part.Client, new() { Loggers = part.Logs }, cancellation));

    private static Command Part(string name, string description, IReadOnlyList<Option> options, Func<PartContext, ParseResult, CancellationToken, Task> run)
    {
        var kubeconfig = new Option<FileInfo?>("--kubeconfig") { Description = "The cluster to work on; by default KUBECONFIG or ~/.kube/config." };
        var command = new Command(name, description) { kubeconfig };
        foreach (var option in options) command.Add(option);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var logs = CommandLine.Logs();
            var cluster = await ReadAsync(kubeconfig.Name, parsed.GetValue(kubeconfig));
            using var client = new Kubernetes(cluster, new WholeAnswers());
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"Running {name} against {client.BaseUri}");
            await run(new(client, cluster, logs), parsed, cancellation);
            return 0;
        });
        return command;
    }

    private static async Task<KubernetesClientConfiguration> ReadAsync(string option, FileInfo? file)
    {
        try
        {
            return file is null ? KubernetesClientConfiguration.BuildDefaultConfig() : await KubernetesClientConfiguration.BuildConfigFromConfigFileAsync(file);
        }
        catch (Exception e) when (e is KubeConfigException or IOException or UnauthorizedAccessException or YamlDotNet.Core.YamlException)
        {
            throw new OptionException(option, e);
        }
    }

    /// <summary>What every part is given.</summary>
    private sealed record PartContext(IKubernetes Client, KubernetesClientConfiguration Cluster, ILoggerFactory Logs);
}
