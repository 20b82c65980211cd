using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Nodes;

/// <summary>The Node object of a spec.</summary>
internal static class NodeObject
{
    /// <param name="spec">What the node says of itself.</param>
    /// <param name="runtime">How it runs containers.</param>
    /// <param name="now">The time.</param>
    public static V1Node Build(NodeSpec spec, string runtime, DateTime now) => new()
    {
        Metadata = new() { Name = spec.Name, Labels = Labels(spec) },
        Spec = new() { Taints = spec.Taints.Count == 0 ? null : [.. spec.Taints] },
        Status = Status(spec, runtime, now),
    };

    public static Dictionary<string, string> Labels(NodeSpec spec)
    {
        var labels = new Dictionary<string, string>
        {
            ["kubernetes.io/hostname"] = spec.Name,
            ["kubernetes.io/os"] = "linux",
            ["kubernetes.io/arch"] = "amd64",
        };
        if (spec.Zone is not null) labels["topology.kubernetes.io/zone"] = spec.Zone;
        foreach (var (key, value) in spec.Labels) labels[key] = value;
        return labels;
    }

    private static V1NodeStatus Status(NodeSpec spec, string runtime, DateTime now)
    {
        var resources = spec.Allocatable.ToDictionary(a => a.Key, a => new ResourceQuantity(a.Value));
        return new()
        {
            Allocatable = resources,
            Capacity = resources,
            Addresses = [new() { Type = "InternalIP", Address = NodeAgent.HostAddress }, new() { Type = "Hostname", Address = spec.Name }],
            Conditions =
            [
                Condition("MemoryPressure", false, "KubeletHasSufficientMemory", "kubelet has sufficient memory available", now),
                Condition("DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure", now),
                Condition("PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available", now),
                Condition("Ready", true, "KubeletReady", $"this node is part of a development cluster; its containers are {(runtime == "processes" ? "processes of one machine" : runtime)}", now),
            ],
            NodeInfo = new()
            {
                Architecture = "amd64",
                OperatingSystem = "linux",
                OsImage = "Development cluster",
                KernelVersion = "0.0.0",
                ContainerRuntimeVersion = $"{runtime}://1.0.0",
                KubeletVersion = $"v1.34.0-{runtime}",
                KubeProxyVersion = "",
                BootID = "",
                MachineID = spec.Name,
                SystemUUID = spec.Name,
            },
        };
    }

    private static V1NodeCondition Condition(string type, bool holds, string reason, string message, DateTime now) => new()
    {
        Type = type,
        Status = holds ? "True" : "False",
        Reason = reason,
        Message = message,
        LastHeartbeatTime = now,
        LastTransitionTime = now,
    };
}
