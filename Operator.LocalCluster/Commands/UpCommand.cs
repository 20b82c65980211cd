using System.CommandLine;
using LlmKube.Operator.LocalCluster.Nodes;

namespace LlmKube.Operator.LocalCluster.Commands;

/// <summary>The verb <c>up</c>: a whole cluster in one process, until it is stopped or a part of it fails.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var (nodes, gpus, port, kubeconfig) = (SharedOptions.Nodes(), SharedOptions.Gpus(), SharedOptions.Port(), SharedOptions.KubeconfigOut());
        var processFlags = new ProcessFlags();
        var command = new Command("up", "Run API server, controllers, scheduler and nodes in one process; with --image a service proxy, too.") { nodes, gpus, port, kubeconfig };
        foreach (var option in processFlags.All) command.Add(option);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var logs = CommandLine.Logs();
            var processes = processFlags.Read(parsed);
            var options = new LocalClusterOptions
            {
                Loggers = logs,
                ApiServer = new() { Port = parsed.GetValue(port), Logging = logs, RequestsKept = 0 },
                Fleet = new(NodeSpec.Many(parsed.GetValue(nodes), parsed.GetValue(gpus))),
                Processes = processes,
            };
            if (processes is not null) options = options with { Controllers = new() { VolumeFolder = processes.VolumeFolder } };
            try
            {
                await using var cluster = await LocalClusterHost.StartAsync(options, cancellation);
                await cluster.ApiServer.AnnounceAsync($"Development cluster (not Kubernetes; objects live in memory, {(processes is null ? "pods only pretend to run" : "pods are processes that nothing isolates")})", parsed, kubeconfig);
                await cluster.Failed.WaitAsync(cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // Told to stop: that is how it ends well.
            }

            return 0;
        });
        return command;
    }
}
