using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Builds the pods of a service, the server in them apart.</summary>
internal static class PodSpecBuilder
{
    /// <summary>The pod's spec.</summary>
    /// <param name="spec">What is to be served how.</param>
    /// <param name="model">Its model, Ready.</param>
    /// <param name="weights">How the weights come into the pods.</param>
    public static V1PodSpec Build(InferenceServiceSpec spec, Model model, WeightsMount weights)
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
            Containers = [ServerContainerBuilder.Build(spec, model, gpu, weights)],
            Volumes = [.. weights.Volumes],
        };
    }

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
}
