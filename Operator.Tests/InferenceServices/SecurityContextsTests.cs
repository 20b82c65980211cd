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
        ["nothing said"] = (_ => { }, """{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}"""),
        ["a low port"] = (s => s.Endpoint = new EndpointSpec { Port = 80 }, """{"allowPrivilegeEscalation":false,"capabilities":{"add":["NET_BIND_SERVICE"],"drop":["ALL"]}}"""),
        ["another user"] = (Server(c => c.RunAsUser = 7), """{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"runAsUser":7}"""),
        ["a capability"] = (Server(c => c.Capabilities = new V1Capabilities { Add = ["IPC_LOCK"] }), """{"allowPrivilegeEscalation":false,"capabilities":{"add":["IPC_LOCK"],"drop":["ALL"]}}"""),
        ["a capability beside a low port"] =
            (Server(c => c.Capabilities = new V1Capabilities { Add = ["IPC_LOCK"] }) + (s => s.Endpoint = new EndpointSpec { Port = 80 }),
             """{"allowPrivilegeEscalation":false,"capabilities":{"add":["IPC_LOCK","NET_BIND_SERVICE"],"drop":["ALL"]}}"""),
        ["nothing dropped"] = (Server(c => c.Capabilities = new V1Capabilities { Drop = [] }), """{"allowPrivilegeEscalation":false,"capabilities":{"drop":[]}}"""),
        ["privileged, which escalates"] = (Server(c => c.Privileged = true), """{"capabilities":{"drop":["ALL"]},"privileged":true}"""),
        ["all powers, which escalate"] = (Server(c => c.Capabilities = new V1Capabilities { Add = ["CAP_SYS_ADMIN"] }), """{"capabilities":{"add":["CAP_SYS_ADMIN"],"drop":["ALL"]}}"""),
        ["escalation by word"] = (Server(c => c.AllowPrivilegeEscalation = true), """{"allowPrivilegeEscalation":true,"capabilities":{"drop":["ALL"]}}"""),
    };

    public static IEnumerable<string> Names => Servers.Keys;

    [TestCaseSource(nameof(Names))]
    public void A_server_may(string story) =>
        Assert.That(KubernetesJson.Serialize(SecurityContexts.OfServer(A.Service(with: Servers[story].With).Spec)), Is.EqualTo(Servers[story].Want));

    [TestCase(null, false, """{"seccompProfile":{"type":"RuntimeDefault"}}""", TestName = "A pod: nothing said")]
    [TestCase(null, true, """{"fsGroup":65532,"seccompProfile":{"type":"RuntimeDefault"}}""", TestName = "A pod that fetches shares its volume by a group")]
    [TestCase("""{"fsGroup":7}""", true, """{"fsGroup":7,"seccompProfile":{"type":"RuntimeDefault"}}""", TestName = "A pod that fetches: the user's group wins")]
    [TestCase("""{"seccompProfile":{"type":"Unconfined"},"supplementalGroups":[44]}""", false, """{"seccompProfile":{"type":"Unconfined"},"supplementalGroups":[44]}""", TestName = "A pod: the user's profile wins")]
    public void A_pod_may(string? said, bool fetches, string want)
    {
        var spec = A.Service(with: s => s.PodSecurityContext = said is null ? null : KubernetesJson.Deserialize<V1PodSecurityContext>(said)).Spec;

        Assert.That(KubernetesJson.Serialize(SecurityContexts.OfPod(spec, fetches)), Is.EqualTo(want));
    }

    private static Action<InferenceServiceSpec> Server(Action<V1SecurityContext> with) => s => with(s.SecurityContext ??= new V1SecurityContext());
}
