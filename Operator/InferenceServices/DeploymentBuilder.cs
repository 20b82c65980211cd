using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Builds the Deployment of a service: only the fields that we have an opinion on.</summary>
internal static class DeploymentBuilder
{
    /// <summary>The server's container.</summary>
    public const string Container = "llama-server";

    /// <summary>The name of the server's port, by which the Service finds it whatever its number is.</summary>
    public const string PortName = "http";

    /// <summary>How long a server may take to load its model before it is restarted.</summary>
    public static readonly TimeSpan StartupBudget = TimeSpan.FromMinutes(30);

    // A rollout must not be called stuck while its pods are still within their startup budget.
    private static readonly TimeSpan ProgressMargin = TimeSpan.FromMinutes(1);

    // What each pod fetches for itself takes as long as its network does.
    private static readonly TimeSpan FetchMargin = TimeSpan.FromDays(1);

    private const int ProbePeriod = 10;

    /// <summary>The Deployment as it should be.</summary>
    /// <param name="service">The service.</param>
    /// <param name="model">Its model, Ready.</param>
    /// <param name="observed">The Deployment as it is, if it is ours.</param>
    /// <param name="weights">How the weights come into the pods.</param>
    public static V1Deployment Build(InferenceService service, Model model, V1Deployment? observed, WeightsMount weights)
    {
        var name = service.Metadata.Name;

        // A selector can't be changed. One that an older version made, with the model in it, is kept and its pods go on to match it.
        var selector = observed?.Spec.Selector?.MatchLabels is { Count: > 0 } kept
            ? kept.ToDictionary(p => p.Key, p => p.Value)
            : ServiceNames.Selector(name);
        var podLabels = ServiceNames.LabelsOf(service);
        if (weights.Tie is { } tie) podLabels[Labels.Cache] = SingleNode.LabelOf(tie);
        foreach (var (key, value) in selector) podLabels[key] = value;

        return new V1Deployment
        {
            ApiVersion = "apps/v1",
            Kind = V1Deployment.KubeKind,
            Metadata = ServiceChild.Metadata(service, ServiceNames.Child(name)),
            Spec = new V1DeploymentSpec
            {
                Replicas = ReplicaOwnership.ToSend(service, observed),
                ProgressDeadlineSeconds = (int)(StartupBudget + (weights.Fetch is null ? ProgressMargin : FetchMargin)).TotalSeconds,
                Selector = new V1LabelSelector { MatchLabels = selector },
                Template = new V1PodTemplateSpec
                {
                    Metadata = new V1ObjectMeta
                    {
                        Labels = podLabels,
                        Annotations = podLabels[Labels.Service] == name ? null : new Dictionary<string, string> { [Labels.Service] = name },
                    },
                    Spec = PodSpec(service.Spec, model, weights),
                },
            },
        };
    }

    private static V1PodSpec PodSpec(InferenceServiceSpec spec, Model model, WeightsMount weights)
    {
        var gpu = GpuRequest.Of(spec, model.Spec);
        return new V1PodSpec
        {
            // Servers don't speak to the API server.
            AutomountServiceAccountToken = false,
            EnableServiceLinks = false,
            SecurityContext = new V1PodSecurityContext
            {
                // What fetches can read its credentials, and write its volume, as a group alone.
                FsGroup = weights.Fetch is null ? null : FetchContainer.User,
                SeccompProfile = new V1SeccompProfile { Type = "RuntimeDefault" },
            },
            PriorityClassName = PriorityClassOf(spec),
            NodeSelector = spec.NodeSelector is { Count: > 0 } labels ? labels : null,
            Affinity = weights.Tie is { } tie ? SingleNode.With(spec.Affinity, tie) : spec.Affinity,
            Tolerations = Tolerations(spec, gpu),
            InitContainers = weights.Fetch is { } fetch ? [fetch] : null,
            Containers = [ServerContainer(spec, model, gpu, weights)],
            Volumes = [.. weights.Volumes],
        };
    }

    private static V1Container ServerContainer(InferenceServiceSpec spec, Model model, GpuRequest? gpu, WeightsMount weights)
    {
        var port = ServerArguments.PortOf(spec);
        return new V1Container
        {
            Name = Container,
            Image = ImageOf(spec, gpu),
            Args = ServerArguments.Of(spec, model.Spec, weights.Path, gpu),
            Ports = [new V1ContainerPort { Name = PortName, ContainerPort = port, Protocol = "TCP" }],
            Resources = Resources(spec, model.Spec, gpu),
            VolumeMounts = [new V1VolumeMount { Name = CacheLayout.VolumeName, MountPath = weights.MountPath, ReadOnlyProperty = true }],
            StartupProbe = Probe(ProbePeriod, (int)StartupBudget.TotalSeconds / ProbePeriod),
            LivenessProbe = Probe(15, 3),
            ReadinessProbe = Probe(ProbePeriod, 3),
            SecurityContext = new V1SecurityContext
            {
                AllowPrivilegeEscalation = false,
                Capabilities = new V1Capabilities { Drop = ["ALL"], Add = port < 1024 ? ["NET_BIND_SERVICE"] : null },
            },
        };
    }

    private static V1Probe Probe(int periodSeconds, int failures) => new()
    {
        HttpGet = new V1HTTPGetAction { Path = "/health", Port = PortName },
        PeriodSeconds = periodSeconds,
        TimeoutSeconds = 5,
        FailureThreshold = failures,
    };

    // An image for CPUs would serve a GPU request silently on CPUs, so it counts as "none named".
    private static string ImageOf(InferenceServiceSpec spec, GpuRequest? gpu) => (spec.Image, gpu) switch
    {
        (null or "" or InferenceServiceDefaults.Image, { } on) => on.Vendor.Image,
        (null or "", null) => InferenceServiceDefaults.Image,
        var (image, _) => image,
    };

    private static string PriorityClassOf(InferenceServiceSpec spec) => spec.PriorityClassName is { Length: > 0 } named
        ? named
        : Priorities.ClassNameOf(spec.Priority ?? Priorities.Normal);

    private static List<V1Toleration>? Tolerations(InferenceServiceSpec spec, GpuRequest? gpu)
    {
        List<V1Toleration> all = [];
        if (gpu is not null) all.Add(new V1Toleration { Key = gpu.Vendor.Resource, OperatorProperty = "Exists", Effect = "NoSchedule" });
        all.AddRange(spec.Tolerations ?? []);
        return all.Count > 0 ? all : null;
    }

    private static V1ResourceRequirements? Resources(InferenceServiceSpec spec, ModelSpec model, GpuRequest? gpu)
    {
        var requests = new Dictionary<string, ResourceQuantity>();
        if ((spec.Resources?.Cpu ?? model.Resources?.Cpu) is { Length: > 0 } cpu) requests["cpu"] = new ResourceQuantity(cpu);
        if ((spec.Resources?.Memory ?? model.Resources?.Memory) is { Length: > 0 } memory) requests["memory"] = new ResourceQuantity(memory);
        return (requests.Count, gpu) is (0, null) ? null : new V1ResourceRequirements
        {
            Requests = requests.Count > 0 ? requests : null,
            Limits = gpu is null ? null : new Dictionary<string, ResourceQuantity> { [gpu.Vendor.Resource] = new($"{gpu.Count}") },
        };
    }
}
