using System.Globalization;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.InferenceServices;

/// <summary>What pods and servers may do: field by field what the user says, and else as little as works, which is what Pod Security's level restricted asks for.</summary>
internal static class SecurityContexts
{
    private const long Root = 0;

    // From this port on who is not root may listen. A capability would not do: one that is added to a process of another user than root has no effect.
    private const string FirstFreePort = "net.ipv4.ip_unprivileged_port_start";

    private const int LowPorts = 1024;

    // Kubernetes refuses either together with a denied escalation.
    private const string AllPowers = "CAP_SYS_ADMIN";

    /// <summary>Of a pod that serves.</summary>
    /// <param name="spec">What the user says.</param>
    /// <param name="isReadOnly">True: its volume is only read.</param>
    public static V1PodSecurityContext OfPod(InferenceServiceSpec spec, bool isReadOnly)
    {
        var context = With(spec.PodSecurityContext, isReadOnly);
        if (ServerArguments.PortOf(spec) is < LowPorts and var port && context.Sysctls?.Any(s => s.Name == FirstFreePort) is not true)
        {
            context.Sysctls = [.. context.Sysctls ?? [], new V1Sysctl { Name = FirstFreePort, Value = port.ToString(CultureInfo.InvariantCulture) }];
        }

        return context;
    }

    /// <summary>Of a pod that fetches or removes, which has no say in it.</summary>
    /// <param name="isReadOnly">True: its volume is only read.</param>
    public static V1PodSecurityContext OfFetch(bool isReadOnly) => With(null, isReadOnly);

    /// <summary>Of the server's container.</summary>
    public static V1SecurityContext OfServer(InferenceServiceSpec spec)
    {
        var context = Copy(spec.SecurityContext);
        if (context.Privileged is not true && context.Capabilities?.Add?.Contains(AllPowers) is not true) context.AllowPrivilegeEscalation ??= false;
        context.ReadOnlyRootFilesystem ??= true;

        // Else the pod's word would forbid what is asked for here.
        if (context.RunAsUser is Root) context.RunAsNonRoot ??= false;
        context.Capabilities = new V1Capabilities { Drop = context.Capabilities?.Drop ?? ["ALL"], Add = context.Capabilities?.Add };
        return context;
    }

    private static V1PodSecurityContext With(V1PodSecurityContext? said, bool isReadOnly)
    {
        var context = Copy(said);
        context.RunAsUser ??= FetchContainer.User;
        context.RunAsGroup ??= FetchContainer.User;
        if (context.RunAsUser is not Root) context.RunAsNonRoot ??= true;
        context.SeccompProfile ??= new V1SeccompProfile { Type = "RuntimeDefault" };

        // What is only read is not given to another group.
        if (isReadOnly) return context;
        context.FsGroup ??= FetchContainer.User;
        context.FsGroupChangePolicy ??= "OnRootMismatch";
        return context;
    }

    private static T Copy<T>(T? said) where T : class, new() => said is null ? new() : KubernetesJson.Deserialize<T>(KubernetesJson.Serialize(said));
}
