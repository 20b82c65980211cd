using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;

namespace LlmKube.Operator.LocalCluster.ApiServer.Admission.PodSecurity;

/// <summary>The checks that the level restricted has beside those of baseline.</summary>
internal static class RestrictedChecks
{
    private static readonly string[] Harmless = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"];

    public static string? Escalation(PodSecurityView pod) =>
        pod.Named(c => c.At("securityContext", "allowPrivilegeEscalation") is not JsonValue v || !v.TryGetValue(out bool may) || may) is { } named
            ? $"allowPrivilegeEscalation != false ({named} must set securityContext.allowPrivilegeEscalation=false)"
            : null;

    public static string? Capabilities(PodSecurityView pod)
    {
        var keeping = pod.Named(c => !c.Texts("securityContext", "capabilities", "drop").Contains("ALL")) is { } named ? $"{named} must set securityContext.capabilities.drop=[\"ALL\"]" : null;
        string[] details = [.. ((string?[])[keeping, pod.Adding(c => c != "NET_BIND_SERVICE")]).OfType<string>()];
        return details.Length == 0 ? null : $"unrestricted capabilities ({string.Join("; ", details)})";
    }

    public static string? Volumes(PodSecurityView pod)
    {
        var wrong = pod.Spec.Objects("volumes").Select(v => (Name: v.Text("name") ?? "", Type: v.Select(f => f.Key).FirstOrDefault(k => k != "name") ?? "unknown")).Where(v => !Harmless.Contains(v.Type)).ToList();
        if (wrong.Count == 0) return null;
        string[] types = [.. wrong.Select(v => v.Type).Distinct()];
        var (volumes, use) = wrong.Count == 1 ? ("volume", "uses") : ("volumes", "use");
        return $"restricted volume types ({volumes} {PodSecurityView.Listed(wrong.Select(v => v.Name))} {use} restricted volume {(types.Length == 1 ? "type" : "types")} {PodSecurityView.Quoted(types)})";
    }

    public static string? NonRoot(PodSecurityView pod)
    {
        static bool? Said(JsonObject context) => context["runAsNonRoot"] is JsonValue v && v.TryGetValue(out bool said) ? said : null;
        if (pod.Setters(c => Said(c) is false) is { } setters) return $"runAsNonRoot != true ({setters} must not set securityContext.runAsNonRoot=false)";
        return Said(pod.Context) is not true && pod.Named(c => Said(PodSecurityView.ContextOf(c)) is null) is { } named
            ? $"runAsNonRoot != true (pod or {named} must set securityContext.runAsNonRoot=true)"
            : null;
    }

    public static string? User(PodSecurityView pod) => pod.Setters(c => c.Number("runAsUser") is 0) is { } setters ? $"runAsUser=0 ({setters} must not set runAsUser=0)" : null;

    public static string? Seccomp(PodSecurityView pod)
    {
        if (pod.WrongSeccomp is { } wrong) return wrong;
        return pod.Context["seccompProfile"] is null && pod.Named(c => PodSecurityView.ContextOf(c)["seccompProfile"] is null) is { } named
            ? $"seccompProfile (pod or {named} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")"
            : null;
    }
}
