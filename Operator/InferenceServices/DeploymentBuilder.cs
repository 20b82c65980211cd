using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Builds the Deployment of a service: only the fields that we have an opinion on.</summary>
internal static class DeploymentBuilder
{
    /// <summary>The server's container.</summary>
    public const string Container = "llama-server";

    /// <summary>The name of the server's port, by which the Service finds it whatever its number is.</summary>
    public const string PortName = "http";

    /// <summary>The Deployment as it should be.</summary>
    /// <param name="service">The service.</param>
    /// <param name="model">Its model, Ready.</param>
    /// <param name="observed">The Deployment as it is, if it is ours.</param>
    /// <param name="weights">How the weights come into the pods.</param>
    /// <param name="strategy">How pods are replaced.</param>
    /// <param name="options">How the operator was started.</param>
    public static V1Deployment Build(InferenceService service, Model model, V1Deployment? observed, WeightsMount weights, RolloutStrategy strategy, OperatorOptions options)
    {
        var name = service.Metadata.Name;

        // A selector can't be changed. One that an older version made, with the model in it, is kept and its pods go on to match it.
        var selector = observed?.Spec.Selector?.MatchLabels is { Count: > 0 } kept
            ? kept.ToDictionary(p => p.Key, p => p.Value)
            : ServiceNames.Selector(name);
        var podLabels = With(ServiceNames.LabelsOf(service), service.Spec.PodLabels);
        if (weights.Tie is { } tie) podLabels[Labels.Cache] = SingleNode.LabelOf(tie);
        foreach (var (key, value) in selector) podLabels[key] = value;
        var metadata = ServiceChild.Metadata(service, ServiceNames.Child(name));
        metadata.Annotations = ReplicaOwnership.Memory(service);
        var annotations = With(podLabels[Labels.Service] == name ? [] : new() { [Labels.Service] = name }, service.Spec.PodAnnotations);

        return new V1Deployment
        {
            ApiVersion = "apps/v1",
            Kind = V1Deployment.KubeKind,
            Metadata = metadata,
            Spec = new V1DeploymentSpec
            {
                Replicas = ReplicaOwnership.ToSend(service, observed),
                ProgressDeadlineSeconds = RolloutDeadline.Seconds(service.Spec, fetches: weights.Fetch is not null),
                Selector = new V1LabelSelector { MatchLabels = selector },
                Strategy = strategy.ToDeployment(),
                Template = new V1PodTemplateSpec
                {
                    Metadata = new V1ObjectMeta
                    {
                        Labels = podLabels,
                        Annotations = annotations.Count > 0 ? annotations : null,
                    },
                    Spec = PodSpecBuilder.Build(service.Spec, model, weights, selector, options),
                },
            },
        };
    }

    private static Dictionary<string, string> With(Dictionary<string, string> own, IDictionary<string, string>? more)
    {
        foreach (var (key, value) in more ?? new Dictionary<string, string>()) own.TryAdd(key, value);
        return own;
    }
}
