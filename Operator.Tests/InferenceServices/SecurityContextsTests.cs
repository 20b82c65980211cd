using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>What pods and servers may do, where users have an opinion and where not.</summary>
public sealed class SecurityContextsTests
{
    private static readonly Dictionary<string, (Action<InferenceServiceSpec> With, string Want)> Servers = new()
    {
        ["nothing said"] = (_ => { }, """{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"readOnlyRootFilesystem":true}"""),
        ["a low port, which takes no capability"] = (s => s.Endpoint = new EndpointSpec { Port = 80 }, """{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"readOnlyRootFilesystem":true}"""),
        ["another user"] = (Server(c => c.RunAsUser = 7), """{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"readOnlyRootFilesystem":true,"runAsUser":7}"""),
        ["root, which the pod would forbid"] =
            (Server(c => c.RunAsUser = 0), """{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"readOnlyRootFilesystem":true,"runAsNonRoot":false,"runAsUser":0}"""),
        ["an image that is written to"] = (Server(c => c.ReadOnlyRootFilesystem = false), """{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"readOnlyRootFilesystem":false}"""),
        ["a capability"] = (Server(c => c.Capabilities = new V1Capabilities { Add = ["IPC_LOCK"] }), """{"allowPrivilegeEscalation":false,"capabilities":{"add":["IPC_LOCK"],"drop":["ALL"]},"readOnlyRootFilesystem":true}"""),
        ["nothing dropped"] = (Server(c => c.Capabilities = new V1Capabilities { Drop = [] }), """{"allowPrivilegeEscalation":false,"capabilities":{"drop":[]},"readOnlyRootFilesystem":true}"""),
        ["privileged, which escalates"] = (Server(c => c.Privileged = true), """{"capabilities":{"drop":["ALL"]},"privileged":true,"readOnlyRootFilesystem":true}"""),
        ["all powers, which escalate"] = (Server(c => c.Capabilities = new V1Capabilities { Add = ["CAP_SYS_ADMIN"] }), """{"capabilities":{"add":["CAP_SYS_ADMIN"],"drop":["ALL"]},"readOnlyRootFilesystem":true}"""),
        ["escalation by word"] = (Server(c => c.AllowPrivilegeEscalation = true), """{"allowPrivilegeEscalation":true,"capabilities":{"drop":["ALL"]},"readOnlyRootFilesystem":true}"""),
    };

    private static readonly Dictionary<string, (string? Said, int Port, bool IsReadOnly, string Want)> Pods = new()
    {
        ["nothing said"] =
            (null, 8080, false, """{"fsGroup":65532,"fsGroupChangePolicy":"OnRootMismatch","runAsGroup":65532,"runAsNonRoot":true,"runAsUser":65532,"seccompProfile":{"type":"RuntimeDefault"}}"""),
        ["a volume that is only read keeps its group"] = (null, 8080, true, """{"runAsGroup":65532,"runAsNonRoot":true,"runAsUser":65532,"seccompProfile":{"type":"RuntimeDefault"}}"""),
        ["a low port is free for all users of the pod"] =
            (null, 80, true, """{"runAsGroup":65532,"runAsNonRoot":true,"runAsUser":65532,"seccompProfile":{"type":"RuntimeDefault"},"sysctls":[{"name":"net.ipv4.ip_unprivileged_port_start","value":"80"}]}"""),
        ["unless the user has said from which on"] =
            ("""{"sysctls":[{"name":"net.ipv4.ip_unprivileged_port_start","value":"0"}]}""", 80, true,
             """{"runAsGroup":65532,"runAsNonRoot":true,"runAsUser":65532,"seccompProfile":{"type":"RuntimeDefault"},"sysctls":[{"name":"net.ipv4.ip_unprivileged_port_start","value":"0"}]}"""),
        ["the user's ids win, each for itself"] =
            ("""{"fsGroup":7,"runAsUser":8}""", 8080, false, """{"fsGroup":7,"fsGroupChangePolicy":"OnRootMismatch","runAsGroup":65532,"runAsNonRoot":true,"runAsUser":8,"seccompProfile":{"type":"RuntimeDefault"}}"""),
        ["the user's profile and groups win"] =
            ("""{"seccompProfile":{"type":"Unconfined"},"supplementalGroups":[44]}""", 8080, true,
             """{"runAsGroup":65532,"runAsNonRoot":true,"runAsUser":65532,"seccompProfile":{"type":"Unconfined"},"supplementalGroups":[44]}"""),
        ["who asks for root gets it"] = ("""{"runAsUser":0}""", 8080, true, """{"runAsGroup":65532,"runAsUser":0,"seccompProfile":{"type":"RuntimeDefault"}}"""),
    };

    public static IEnumerable<string> Names => Servers.Keys;

    public static IEnumerable<string> PodNames => Pods.Keys;

    [TestCaseSource(nameof(Names))]
    public void A_server_may(string story) =>
        Assert.That(KubernetesJson.Serialize(SecurityContexts.OfServer(A.Service(with: Servers[story].With).Spec)), Is.EqualTo(Servers[story].Want));

    [TestCaseSource(nameof(PodNames))]
    public void A_pod_may(string story)
    {
        var (said, port, isReadOnly, want) = Pods[story];
        var spec = A.Service(with: s => (s.PodSecurityContext, s.Endpoint) = (said is null ? null : KubernetesJson.Deserialize<V1PodSecurityContext>(said), new EndpointSpec { Port = port })).Spec;

        Assert.That(KubernetesJson.Serialize(SecurityContexts.OfPod(spec, isReadOnly)), Is.EqualTo(want));
    }

    private static Action<InferenceServiceSpec> Server(Action<V1SecurityContext> with) => s => with(s.SecurityContext ??= new V1SecurityContext());
}
