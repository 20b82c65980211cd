using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;

namespace LlmKube.Operator.LocalCluster.ApiServer.Tables;

/// <summary>What kubectl shows of a pod.</summary>
internal static class PodCells
{
    public static string Ready(JsonObject pod) => $"{Statuses(pod).Count(s => s.Flag("ready"))}/{pod.Objects("spec", "containers").Count()}";

    public static string Restarts(JsonObject pod) => $"{Statuses(pod).Sum(s => s.Number("restartCount") ?? 0)}";

    /// <summary>The reason that says most: of the deletion, an init container, a container, the pod, or its phase.</summary>
    public static string Status(JsonObject pod)
    {
        if (pod.IsDeleting) return pod.Text("status", "reason") is "NodeLost" ? "Unknown" : "Terminating";
        return Initializing(pod) ?? Containers(pod) ?? pod.Text("status", "reason") ?? pod.Text("status", "phase") ?? "";
    }

    /// <summary>A field of each container of a template.</summary>
    public static string Containers(JsonObject workload, string field) => string.Join(',', workload.Objects("spec", "template", "spec", "containers").Select(c => c.Text(field)));

    private static string? Initializing(JsonObject pod)
    {
        var all = pod.Objects("spec", "initContainers").Count();
        foreach (var (status, index) in pod.Objects("status", "initContainerStatuses").Select((s, i) => (s, i)))
        {
            if (status.At("state", "terminated") is JsonObject ended)
            {
                if (ended.Number("exitCode") == 0) continue;
                return $"Init:{ended.Text("reason") ?? $"ExitCode:{ended.Number("exitCode")}"}";
            }

            return status.Text("state", "waiting", "reason") is { } reason and not "PodInitializing" ? $"Init:{reason}" : $"Init:{index}/{all}";
        }

        return null;
    }

    private static string? Containers(JsonObject pod)
    {
        string? shown = null;
        var running = false;
        foreach (var status in Statuses(pod).Reverse())
        {
            if (status.Text("state", "waiting", "reason") is { Length: > 0 } waiting) shown = waiting;
            else if (status.At("state", "terminated") is JsonObject ended) shown = ended.Text("reason") ?? (ended.Number("signal") is { } signal and not 0 ? $"Signal:{signal}" : $"ExitCode:{ended.Number("exitCode")}");
            else if (status.Flag("ready") && status.At("state", "running") is not null) running = true;
        }

        return shown is "Completed" && running ? "Running" : shown;
    }

    private static IEnumerable<JsonObject> Statuses(JsonObject pod) => pod.Objects("status", "containerStatuses");
}
