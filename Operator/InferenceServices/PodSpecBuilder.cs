using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Builds the pods of a service, the server in them apart.</summary>
internal static class PodSpecBuilder
{
    /// <summary>The pod's spec.</summary>
    /// <param name="spec">What is to be served how.</param>
    /// <param name="model">Its model, Ready.</param>
    /// <param name="weights">How the weights come into the pods.</param>
    /// <param name="selector">The labels that the service's pods are found by.</param>
    /// <param name="options">How the operator was started.</param>
    public static V1PodSpec Build(InferenceServiceSpec spec, Model model, WeightsMount weights, IDictionary<string, string> selector, OperatorOptions options)
    {
        var gpu = GpuRequest.Of(spec, model.Spec);
        return new V1PodSpec
        {
            // Servers don't speak to the API server.
            AutomountServiceAccountToken = false,
            EnableServiceLinks = false,
            SecurityContext = SecurityContexts.OfPod(spec, weights.IsReadOnly),
            ImagePullSecrets = PullSecrets.Of(options, spec.ImagePullSecrets),
            RuntimeClassName = spec.RuntimeClassName,
            PriorityClassName = PriorityClassOf(spec),
            TerminationGracePeriodSeconds = Drain.Of(spec).GracePeriodSeconds,
            NodeSelector = spec.NodeSelector is { Count: > 0 } labels ? labels : null,
            Affinity = weights.Tie is { } tie ? SingleNode.With(spec.Affinity, tie) : spec.Affinity,
            TopologySpreadConstraints = Spread(spec, selector),
            Tolerations = Tolerations(spec, gpu),
            InitContainers = weights.Fetch is { } fetch ? [fetch] : null,
            Containers = [ServerContainerBuilder.Build(spec, model, gpu, weights, options.ServerImages)],
            Volumes = [.. weights.Volumes, Scratch.Volume],
        };
    }

    private static string PriorityClassOf(InferenceServiceSpec spec) => spec.PriorityClassName is { Length: > 0 } named
        ? named
        : Priorities.ClassNameOf(spec.Priority ?? Priorities.Normal);

    private static List<V1Toleration>? Tolerations(InferenceServiceSpec spec, GpuRequest? gpu)
    {
        List<V1Toleration> all = [];
        if (gpu is not null) all.Add(new V1Toleration { Key = gpu.TolerationKey, OperatorProperty = "Exists", Effect = "NoSchedule" });
        all.AddRange(spec.Tolerations ?? []);
        return all.Count > 0 ? all : null;
    }

    // Without a selector a constraint counts no pods, and holds whatever happens.
    private static List<V1TopologySpreadConstraint>? Spread(InferenceServiceSpec spec, IDictionary<string, string> selector) =>
        spec.TopologySpreadConstraints is not { Count: > 0 } constraints ? null : [.. constraints.Select(c => new V1TopologySpreadConstraint
        {
            LabelSelector = c.LabelSelector ?? new V1LabelSelector { MatchLabels = selector },
            MatchLabelKeys = c.MatchLabelKeys,
            MaxSkew = c.MaxSkew,
            MinDomains = c.MinDomains,
            NodeAffinityPolicy = c.NodeAffinityPolicy,
            NodeTaintsPolicy = c.NodeTaintsPolicy,
            TopologyKey = c.TopologyKey,
            WhenUnsatisfiable = c.WhenUnsatisfiable,
        })];
}
