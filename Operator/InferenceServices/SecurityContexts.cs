using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.InferenceServices;

/// <summary>What pods and servers may do: field by field what the user says, and else as little as works.</summary>
internal static class SecurityContexts
{
    private const string LowPorts = "NET_BIND_SERVICE";

    // Kubernetes refuses either together with a denied escalation.
    private const string AllPowers = "CAP_SYS_ADMIN";

    /// <summary>Of a pod.</summary>
    /// <param name="spec">What the user says.</param>
    /// <param name="fetches">True: the pod fetches its weights for itself.</param>
    public static V1PodSecurityContext OfPod(InferenceServiceSpec spec, bool fetches)
    {
        var context = Copy(spec.PodSecurityContext);
        context.SeccompProfile ??= new V1SeccompProfile { Type = "RuntimeDefault" };

        // What fetches can read its credentials, and write its volume, as a group alone.
        if (fetches) context.FsGroup ??= FetchContainer.User;
        return context;
    }

    /// <summary>Of the server's container.</summary>
    public static V1SecurityContext OfServer(InferenceServiceSpec spec)
    {
        var context = Copy(spec.SecurityContext);
        if (context.Privileged is not true && context.Capabilities?.Add?.Contains(AllPowers) is not true) context.AllowPrivilegeEscalation ??= false;
        List<string> added = [.. context.Capabilities?.Add ?? []];
        if (ServerArguments.PortOf(spec) < 1024 && !added.Contains(LowPorts)) added.Add(LowPorts);
        context.Capabilities = new V1Capabilities { Drop = context.Capabilities?.Drop ?? ["ALL"], Add = added.Count > 0 ? added : null };
        return context;
    }

    private static T Copy<T>(T? said) where T : class, new() => said is null ? new() : KubernetesJson.Deserialize<T>(KubernetesJson.Serialize(said));
}
