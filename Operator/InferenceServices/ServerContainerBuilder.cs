using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Builds the container that serves.</summary>
internal static class ServerContainerBuilder
{
    /// <summary>The container.</summary>
    /// <param name="spec">What is to be served how.</param>
    /// <param name="model">Its model, Ready.</param>
    /// <param name="gpu">The GPUs of the pod; null: none.</param>
    /// <param name="weights">How the weights come into the pods.</param>
    /// <param name="images">Where builds of the server come from.</param>
    public static V1Container Build(InferenceServiceSpec spec, Model model, GpuRequest? gpu, WeightsMount weights, ServerImages images)
    {
        var (port, drain) = (ServerArguments.PortOf(spec), Drain.Of(spec));
        return new V1Container
        {
            Name = DeploymentBuilder.Container,
            Image = images.For(spec.Image, gpu),
            Args = ServerArguments.Of(spec, model.Spec, weights.Path, gpu),
            Env = Variables(spec, drain, gpu),
            Ports = [new V1ContainerPort { Name = DeploymentBuilder.PortName, ContainerPort = port, Protocol = "TCP" }],
            Resources = Resources(spec, model.Spec, gpu),
            VolumeMounts = [new V1VolumeMount { Name = CacheLayout.VolumeName, MountPath = weights.MountPath, ReadOnlyProperty = true }, Scratch.Mount],
            StartupProbe = ServerProbes.Startup(spec),
            LivenessProbe = ServerProbes.Liveness(spec),
            ReadinessProbe = ServerProbes.Readiness(spec),
            Lifecycle = new V1Lifecycle { PreStop = drain.PreStop(port) },
            SecurityContext = SecurityContexts.OfServer(spec),
            TerminationMessagePolicy = "FallbackToLogsOnError",
        };
    }

    // The user's come last, and may be made of ours.
    private static List<V1EnvVar> Variables(InferenceServiceSpec spec, Drain drain, GpuRequest? gpu)
    {
        var (name, value) = ServerLog.Verbosity;
        List<V1EnvVar> own = [.. gpu is null ? (IEnumerable<V1EnvVar>)[] : [new V1EnvVar { Name = name, Value = value }], Scratch.Home, .. drain.Variables];
        return [.. own.Where(o => spec.Env?.Any(v => v.Name == o.Name) is not true), .. spec.Env ?? []];
    }

    private static V1ResourceRequirements? Resources(InferenceServiceSpec spec, ModelSpec model, GpuRequest? gpu)
    {
        var requests = new Dictionary<string, ResourceQuantity>();
        if ((spec.Resources?.Cpu ?? model.Resources?.Cpu) is { Length: > 0 } cpu) requests["cpu"] = new ResourceQuantity(cpu);
        if ((HostMemory(spec) ?? spec.Resources?.Memory ?? model.Resources?.Memory) is { Length: > 0 } memory) requests["memory"] = new ResourceQuantity(memory);
        if (spec.Resources?.EphemeralStorage is { Length: > 0 } disk) requests["ephemeral-storage"] = new ResourceQuantity(disk);
        return (requests.Count, gpu) is (0, null) ? null : new V1ResourceRequirements
        {
            Requests = requests.Count > 0 ? requests : null,
            Limits = gpu is null ? null : new Dictionary<string, ResourceQuantity> { [gpu.Resource] = new($"{gpu.Count}") },
        };
    }

    private static string? HostMemory(InferenceServiceSpec spec) => spec.Resources?.HostMemory is { Length: > 0 } said ? said : null;
}
