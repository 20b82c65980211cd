using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;

namespace LlmKube.Operator.LocalCluster.ApiServer.Admission.PodSecurity;

/// <summary>How much a namespace allows its pods.</summary>
internal enum PodSecurityLevel
{
    /// <summary>What gives no known way to more rights.</summary>
    Baseline,

    /// <summary>What a pod needs that is hardened.</summary>
    Restricted,
}

/// <summary>The checks of the Pod Security Standards, in a real API server's order and words.</summary>
internal static class PodSecurityChecks
{
    private static readonly HashSet<string> SafeSysctls =
    [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range", "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
    ];

    /// <summary>What a pod violates, as the real server says it; empty: nothing.</summary>
    /// <param name="level">The level that it is held to.</param>
    /// <param name="spec">The pod's spec.</param>
    public static string Violations(PodSecurityLevel level, JsonObject spec)
    {
        var pod = new PodSecurityView(spec);
        Func<PodSecurityView, string?>[] checks = level is PodSecurityLevel.Baseline
            ? [AppArmor, BaselineChecks.Capabilities, HostNamespaces, BaselineChecks.HostPaths, HostPorts, ProbeHosts, Privileged, ProcMount, SELinux, BaselineChecks.Seccomp, Sysctls]
            :
            [
                AppArmor, HostNamespaces, HostPorts, ProbeHosts, Privileged, ProcMount, SELinux, Sysctls,
                RestrictedChecks.Escalation, RestrictedChecks.Capabilities, RestrictedChecks.Volumes, RestrictedChecks.NonRoot, RestrictedChecks.User, RestrictedChecks.Seccomp,
            ];
        return string.Join(", ", checks.Select(check => check(pod)).OfType<string>());
    }

    private static string? AppArmor(PodSecurityView pod)
    {
        var setters = pod.Setters(c => c.Text("appArmorProfile", "type") is { Length: > 0 } and not ("RuntimeDefault" or "Localhost"));
        var values = PodSecurityView.Quoted(pod.Contexts.Select(c => c.Text("appArmorProfile", "type")).Where(t => t is { Length: > 0 } and not ("RuntimeDefault" or "Localhost")));
        return setters is null ? null : $"forbidden AppArmor profile ({setters} must not set AppArmor profile type to {values})";
    }

    private static string? HostNamespaces(PodSecurityView pod)
    {
        string[] shared = [.. ((string[])["hostIPC", "hostNetwork", "hostPID"]).Where(n => pod.Spec.Flag(n)).Select(n => $"{n}=true")];
        return shared.Length == 0 ? null : $"host namespaces ({string.Join(", ", shared)})";
    }

    private static string? HostPorts(PodSecurityView pod)
    {
        string[] ports = [.. pod.Containers.SelectMany(c => c.Objects("ports")).Select(p => p.Number("hostPort") ?? 0).Where(p => p != 0).Select(p => $"{p}").Distinct().Order(StringComparer.Ordinal)];
        if (pod.Named(c => c.Objects("ports").Any(p => p.Number("hostPort") is not (null or 0))) is not { } named) return null;
        return $"hostPort ({named} {(PodSecurityView.IsOne(named) ? "uses" : "use")} {(ports.Length == 1 ? "hostPort" : "hostPorts")} {string.Join(", ", ports)})";
    }

    private static string? ProbeHosts(PodSecurityView pod)
    {
        if (pod.Named(c => HostsOf(c).Any()) is not { } named) return null;
        string[] hosts = [.. pod.Containers.SelectMany(HostsOf).Distinct()];
        const string Host = "probe or lifecycle host";
        return $"{Host} ({named} {(PodSecurityView.IsOne(named) ? "uses" : "use")} {Host}{(hosts.Length == 1 ? "" : "s")} {PodSecurityView.Quoted(hosts)})";
    }

    private static IEnumerable<string> HostsOf(JsonObject container)
    {
        JsonNode?[] handlers = [container["livenessProbe"], container["readinessProbe"], container["startupProbe"], container.At("lifecycle", "postStart"), container.At("lifecycle", "preStop")];
        return handlers.OfType<JsonObject>().SelectMany(h => (string?[])[h.Text("httpGet", "host"), h.Text("tcpSocket", "host")]).OfType<string>().Where(h => h.Length > 0);
    }

    private static string? Privileged(PodSecurityView pod) =>
        pod.Named(c => c.Flag("securityContext", "privileged")) is { } named ? $"privileged ({named} must not set securityContext.privileged=true)" : null;

    private static string? ProcMount(PodSecurityView pod)
    {
        static bool IsWrong(JsonObject c) => c.Text("securityContext", "procMount") is { Length: > 0 } and not "Default";
        return pod.Named(IsWrong) is { } named
            ? $"procMount ({named} must not set securityContext.procMount to {PodSecurityView.Quoted(pod.Containers.Where(IsWrong).Select(c => c.Text("securityContext", "procMount")))})"
            : null;
    }

    private static string? SELinux(PodSecurityView pod)
    {
        static string? TypeOf(JsonObject c) => c.Text("seLinuxOptions", "type") is { Length: > 0 } type and not ("container_t" or "container_init_t" or "container_kvm_t" or "container_engine_t") ? type : null;
        bool Sets(string field) => pod.Contexts.Any(c => c.Text("seLinuxOptions", field) is { Length: > 0 });
        if (pod.Setters(c => TypeOf(c) is not null || c.Text("seLinuxOptions", "user") is { Length: > 0 } || c.Text("seLinuxOptions", "role") is { Length: > 0 }) is not { } setters) return null;
        string[] types = [.. pod.Contexts.Select(TypeOf).OfType<string>().Distinct()];
        List<string> wrong = types.Length == 0 ? [] : [$"{(types.Length == 1 ? "type" : "types")} {PodSecurityView.Quoted(types)}"];
        if (Sets("user")) wrong.Add("user may not be set");
        if (Sets("role")) wrong.Add("role may not be set");
        return $"seLinuxOptions ({setters} set forbidden securityContext.seLinuxOptions: {string.Join("; ", wrong)})";
    }

    private static string? Sysctls(PodSecurityView pod)
    {
        string[] wrong = [.. pod.Spec.Objects("securityContext", "sysctls").Select(s => s.Text("name") ?? "").Where(n => !SafeSysctls.Contains(n))];
        return wrong.Length == 0 ? null : $"forbidden sysctls ({string.Join(", ", wrong)})";
    }
}
