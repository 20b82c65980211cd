using LlmKube.Operator.LocalCluster.ApiServer.Objects;

namespace LlmKube.Operator.LocalCluster.ApiServer.Admission.PodSecurity;

/// <summary>The checks of the level baseline in whose place restricted has stricter ones.</summary>
internal static class BaselineChecks
{
    private static readonly HashSet<string> Usual =
    [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ];

    public static string? Capabilities(PodSecurityView pod) => pod.Adding(c => !Usual.Contains(c)) is { } adding ? $"non-default capabilities ({adding})" : null;

    public static string? HostPaths(PodSecurityView pod)
    {
        string[] names = [.. pod.Spec.Objects("volumes").Where(v => v["hostPath"] is not null).Select(v => v.Text("name") ?? "")];
        return names.Length == 0 ? null : $"hostPath volumes ({(names.Length == 1 ? "volume" : "volumes")} {PodSecurityView.Listed(names)})";
    }

    public static string? Seccomp(PodSecurityView pod) => pod.WrongSeccomp;
}
