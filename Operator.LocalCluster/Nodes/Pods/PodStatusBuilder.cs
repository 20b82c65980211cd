using System.Globalization;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;
using LlmKube.Operator.LocalCluster.Nodes.Containers;

namespace LlmKube.Operator.LocalCluster.Nodes.Pods;

/// <summary>Says of a pod what the kubelet would say.</summary>
internal static class PodStatusBuilder
{
    public static V1PodStatus Build(V1Pod pod, PodRun run, DateTime startTime, DateTime now)
    {
        var status = pod.Status?.Copy() ?? new V1PodStatus();
        var (init, main) = (run.Slots.Where(s => s.IsInit).ToList(), run.Slots.Where(s => !s.IsInit).ToList());
        var initialized = init.All(s => s.IsSidecar ? s.State is ContainerState.Running { IsStarted: true } || s.HasRun : s.State is ContainerState.Exited { Code: 0 });
        status.Phase = PhaseOf(pod, init, main);
        status.StartTime = startTime;
        status.HostIP = NodeAgent.HostAddress;
        status.HostIPs = [new() { Ip = NodeAgent.HostAddress }];
        status.PodIP = run.Address;
        status.PodIPs = [new() { Ip = run.Address }];
        status.NominatedNodeName = null;
        status.InitContainerStatuses = init.Count == 0 ? null : [.. init.Select(s => Container(pod, s, initialized, now))];
        status.ContainerStatuses = [.. main.Select(s => Container(pod, s, initialized, now))];
        SetConditions(pod, status, init, initialized, now);
        return status;
    }

    private static string PhaseOf(V1Pod pod, List<ContainerSlot> init, List<ContainerSlot> main)
    {
        if (init.Any(s => s.State is ContainerState.Exited { Code: not 0 } e && !PodRun.Restarts(s, pod, e))) return "Failed";
        var ended = main.Where(s => s.State is ContainerState.Exited e && (!PodRun.Restarts(s, pod, e) || pod.Metadata.DeletionTimestamp is not null)).ToList();
        if (ended.Count == main.Count) return ended.All(s => s.State is ContainerState.Exited { Code: 0 }) ? "Succeeded" : "Failed";
        return main.Any(s => s.LastExit is not null || s.State is not ContainerState.Waiting) ? "Running" : "Pending";
    }

    private static V1ContainerStatus Container(V1Pod pod, ContainerSlot slot, bool initialized, DateTime now)
    {
        var state = slot.State;
        var backingOff = state is ContainerState.Exited && slot.RestartAt is { } at && at > now && pod.Metadata.DeletionTimestamp is null;
        var shown = backingOff
            ? new V1ContainerState { Waiting = new() { Reason = "CrashLoopBackOff", Message = BackOffMessage(pod, slot) } }
            : State(slot, state, initialized);
        var last = slot.LastExit is { } exit && (backingOff || state is not ContainerState.Exited) ? State(slot, exit, true) : null;
        var id = state is ContainerState.Waiting && slot.LastExit is null ? "" : ContainerId(pod, slot);
        return new()
        {
            Name = slot.Container.Name,
            Image = slot.Container.Image,
            ImageID = id.Length == 0 ? "" : $"local/{slot.Container.Image}",
            ContainerID = id,
            Ready = slot is { IsInit: true, IsSidecar: false } ? state is ContainerState.Exited { Code: 0 } : state is ContainerState.Running { IsReady: true },
            Started = state is ContainerState.Running { IsStarted: true },
            RestartCount = slot.Restarts,
            State = shown,
            LastState = last ?? new(),
        };
    }

    private static V1ContainerState State(ContainerSlot slot, ContainerState state, bool initialized) => state switch
    {
        ContainerState.Running running => new() { Running = new() { StartedAt = running.Since } },
        ContainerState.Exited exit => new()
        {
            Terminated = new() { ExitCode = exit.Code, Reason = exit.Reason, Message = exit.Message, Signal = exit.Signal, StartedAt = exit.Since, FinishedAt = exit.At },
        },
        ContainerState.Waiting waiting when slot.HasRun => new() { Waiting = new() { Reason = waiting.Reason, Message = waiting.Message } },
        _ => new() { Waiting = new() { Reason = slot.IsInit || !initialized ? "PodInitializing" : "ContainerCreating" } },
    };

    private static void SetConditions(V1Pod pod, V1PodStatus status, List<ContainerSlot> init, bool initialized, DateTime now)
    {
        var over = status.Phase is "Succeeded" or "Failed";
        var unready = status.ContainerStatuses.Where(c => !c.Ready).Select(c => c.Name).ToList();
        var uninitialized = init.Where(s => s.State is not ContainerState.Exited { Code: 0 } && !s.IsSidecar).Select(s => s.Container.Name).ToList();
        var ready = unready.Count == 0 && !over && initialized;
        var (reason, message) = status.Phase == "Succeeded" ? ("PodCompleted", null)
            : status.Phase == "Failed" ? ("PodFailed", null)
            : ready ? (null, null)
            : ("ContainersNotReady", (string?)$"containers with unready status: [{string.Join(' ', unready)}]");
        var conditions = status.Conditions?.ToList() ?? [];
        Set(conditions, pod, "PodReadyToStartContainers", !over, null, null, now);
        Set(conditions, pod, "Initialized", initialized, initialized ? null : "ContainersNotInitialized",
            initialized ? null : $"containers with incomplete status: [{string.Join(' ', uninitialized)}]", now);
        Set(conditions, pod, "ContainersReady", ready, reason, message, now);
        var gates = pod.Spec.ReadinessGates?.Where(g => conditions.All(c => c.Type != g.ConditionType || c.Status != "True")).Select(g => g.ConditionType).ToList() ?? [];
        if (ready && gates.Count > 0) (reason, message) = ("ReadinessGatesNotReady", $"corresponding condition of pod readiness gate \"{gates[0]}\" does not exist.");
        Set(conditions, pod, "Ready", ready && gates.Count == 0, reason, message, now);
        Set(conditions, pod, "PodScheduled", true, null, null, now);
        status.Conditions = conditions;
    }

    private static void Set(List<V1PodCondition> conditions, V1Pod pod, string type, bool holds, string? reason, string? message, DateTime now)
    {
        var index = conditions.FindIndex(c => c.Type == type);
        var before = index < 0 ? null : conditions[index];
        var state = holds ? "True" : "False";
        if (before is not null && before.Status == state && before.Reason == reason && before.Message == message) return;
        var next = new V1PodCondition
        {
            Type = type,
            Status = state,
            Reason = reason,
            Message = message,
            ObservedGeneration = before?.ObservedGeneration is null ? null : pod.Metadata.Generation,
            LastTransitionTime = before?.Status == state ? before.LastTransitionTime : now,
        };
        if (index < 0) conditions.Add(next);
        else conditions[index] = next;
    }

    private static string BackOffMessage(V1Pod pod, ContainerSlot slot) =>
        $"back-off {Duration(slot.Delay)} restarting failed container={slot.Container.Name} pod={pod.Metadata.Name}_{pod.Metadata.NamespaceProperty}({pod.Metadata.Uid})";

    // As Go prints durations: 10s, 1m20s, 5m0s.
    private static string Duration(TimeSpan delay) => delay < TimeSpan.FromMinutes(1)
        ? string.Create(CultureInfo.InvariantCulture, $"{delay.TotalSeconds:0}s")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)delay.TotalMinutes}m{delay.Seconds}s");

    private static string ContainerId(V1Pod pod, ContainerSlot slot) =>
        string.Create(CultureInfo.InvariantCulture, $"local://{pod.Metadata.Uid}/{slot.Container.Name}/{slot.Restarts}");
}
