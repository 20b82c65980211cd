using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Admission.PodSecurity;

namespace LlmKube.Operator.LocalCluster.Tests.ApiServer;

/// <summary>The Pod Security Standards, in the words of Kubernetes' own admission.</summary>
public sealed class PodSecurityTests
{
    private const string Hardened = "\"runAsNonRoot\":true,\"seccompProfile\":{\"type\":\"RuntimeDefault\"}";
    private const string Escalation = "\"allowPrivilegeEscalation\":false";
    private const string Tame = Escalation + ",\"capabilities\":{\"drop\":[\"ALL\"]}";
    private const string Pods = "/api/v1/namespaces/default/pods";

    private static readonly Dictionary<string, (string Spec, string Baseline, string Restricted)> Stories = new()
    {
        ["a hardened pod"] = (Pod(), "", ""),
        ["a plain pod"] =
            ("""{"containers":[{"name":"a"}]}""", "",
             """allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")"""),
        ["two containers, one of which runs first"] =
            ($$"""{"securityContext":{ {{Hardened}} },"initContainers":[{"name":"i"}],"containers":[{"name":"a","securityContext":{"capabilities":{"drop":["ALL"]} } }]}""", "",
             """allowPrivilegeEscalation != false (containers "i", "a" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "i" must set securityContext.capabilities.drop=["ALL"])"""),
        ["root, by the pod"] = (Pod(""", "runAsUser":0"""), "", "runAsUser=0 (pod must not set runAsUser=0)"),
        ["root, by the container"] = (Pod(container: """, "runAsUser":0"""), "", """runAsUser=0 (container "a" must not set runAsUser=0)"""),
        ["perhaps root"] = (Pod(container: """, "runAsNonRoot":false"""), "", """runAsNonRoot != true (container "a" must not set securityContext.runAsNonRoot=false)"""),
        ["a port below 1024"] = (Pod(""", "sysctls":[{"name":"net.ipv4.ip_unprivileged_port_start","value":"80"}]"""), "", ""),
        ["another sysctl"] = (Pod(""", "sysctls":[{"name":"kernel.msgmax","value":"1"}]"""), "forbidden sysctls (kernel.msgmax)", "forbidden sysctls (kernel.msgmax)"),
        ["a capability for low ports"] = (Pod(container: """, "capabilities":{"drop":["ALL"],"add":["NET_BIND_SERVICE"]}"""), "", ""),
        ["a usual capability"] =
            (Pod(container: """, "capabilities":{"drop":["ALL"],"add":["CHOWN"]}"""), "", """unrestricted capabilities (container "a" must not include "CHOWN" in securityContext.capabilities.add)"""),
        ["an unusual capability"] =
            (Pod(container: """, "capabilities":{"add":["SYS_ADMIN"]}"""),
             """non-default capabilities (container "a" must not include "SYS_ADMIN" in securityContext.capabilities.add)""",
             """unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]; container "a" must not include "SYS_ADMIN" in securityContext.capabilities.add)"""),
        ["all rights"] = (Pod(container: """, "privileged":true"""), Both("""privileged (container "a" must not set securityContext.privileged=true)""", out var privileged), privileged),
        ["an open profile"] =
            (Pod(container: """, "seccompProfile":{"type":"Unconfined"}"""), Both("""seccompProfile (container "a" must not set securityContext.seccompProfile.type to "Unconfined")""", out var open), open),
        ["no AppArmor"] = (Pod(""", "appArmorProfile":{"type":"Unconfined"}"""), Both("""forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")""", out var unarmoured), unarmoured),
        ["an SELinux type"] =
            (Pod(""", "seLinuxOptions":{"type":"spc_t"}"""), Both("""seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t")""", out var type), type),
        ["a bare /proc"] =
            (Pod(container: """, "procMount":"Unmasked" """), Both("""procMount (container "a" must not set securityContext.procMount to "Unmasked")""", out var bare), bare),
        ["the node's network"] = (Pod(spec: """, "hostNetwork":true,"hostPID":true"""), Both("host namespaces (hostNetwork=true, hostPID=true)", out var network), network),
        ["the node's port"] = (Pod(beside: """, "ports":[{"containerPort":80,"hostPort":80}]"""), Both("""hostPort (container "a" uses hostPort 80)""", out var port), port),
        ["a probe of another host"] =
            (Pod(beside: """, "livenessProbe":{"httpGet":{"host":"example.com","port":80}}"""), Both("""probe or lifecycle host (container "a" uses probe or lifecycle host "example.com")""", out var host), host),
        ["the node's files"] =
            (Pod(spec: """, "volumes":[{"name":"v","hostPath":{"path":"/"}}]"""), """hostPath volumes (volume "v")""", """restricted volume types (volume "v" uses restricted volume type "hostPath")"""),
        ["volumes of all kinds"] =
            (Pod(spec: """, "volumes":[{"name":"c","persistentVolumeClaim":{"claimName":"c"}},{"name":"e","emptyDir":{}},{"name":"n","nfs":{"server":"s","path":"/"}},{"name":"i","iscsi":{}}]"""), "",
             """restricted volume types (volumes "n", "i" use restricted volume types "iscsi", "nfs")"""),
    };

    public static IEnumerable<string> Names => Stories.Keys;

    [TestCaseSource(nameof(Names))]
    public void Violates(string story)
    {
        var (spec, baseline, restricted) = Stories[story];
        var pod = (JsonObject)JsonNode.Parse(spec)!;

        Assert.Multiple(() =>
        {
            Assert.That(PodSecurityChecks.Violations(PodSecurityLevel.Baseline, pod), Is.EqualTo(baseline), "baseline");
            Assert.That(PodSecurityChecks.Violations(PodSecurityLevel.Restricted, pod), Is.EqualTo(restricted), "restricted");
        });
    }

    [Test]
    public async Task A_namespace_refuses_pods_and_warns_of_what_makes_them()
    {
        await using var server = await LocalServer.StartAsync();
        await server.Admin.ExpectAsync(201, "POST", Pods, PodNamed("before"));
        await LabelAsync(server, """{"pod-security.kubernetes.io/enforce":"baseline","pod-security.kubernetes.io/warn":"restricted","pod-security.kubernetes.io/warn-version":"v1.31"}""");

        var refused = await server.Admin.ExpectAsync(403, "POST", Pods, PodNamed("node", """, "hostNetwork":true"""));
        Assert.That(refused.At("message"), Is.EqualTo("pods \"node\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces (hostNetwork=true)"));
        const string Template = """{"metadata":{"labels":{"a":"b"}},"spec":{"hostNetwork":true,"containers":[{"name":"a","image":"i"}]}}""";
        var made = await server.Admin.ExpectAsync(
            201, "POST", "/apis/apps/v1/namespaces/default/deployments", $$"""{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"} },"template":{{Template}} } }""");
        Assert.That(made.Warnings, Does.Contain("would violate PodSecurity \\\"restricted:v1.31\\\": host namespaces (hostNetwork=true)"));
        Assert.That((await server.Admin.ExpectAsync(201, "POST", Pods, PodNamed("plain"))).Warnings, Does.Contain("would violate PodSecurity \\\"restricted:v1.31\\\": allowPrivilegeEscalation != false"));

        await LabelAsync(server, """{"pod-security.kubernetes.io/enforce":"privileged","pod-security.kubernetes.io/warn":"privileged"}""");
        await server.Admin.ExpectAsync(201, "POST", Pods, PodNamed("node", """, "hostNetwork":true"""));
        Assert.That((await server.Admin.ExpectAsync(201, "POST", Pods, PodNamed("silent"))).Warnings, Is.Empty);
    }

    private static async Task LabelAsync(LocalServer server, string labels) => Assert.That(
        (await server.Admin.SendAsync("PATCH", "/api/v1/namespaces/default", $$"""{"metadata":{"labels":{{labels}} } }""", "application/merge-patch+json")).Code,
        Is.EqualTo(200));

    private static string PodNamed(string name, string spec = "") => $$"""{"metadata":{"name":"{{name}}"},"spec":{"containers":[{"name":"a","image":"i"}]{{spec}} } }""";

    private static string Pod(string context = "", string container = "", string beside = "", string spec = "")
    {
        var usual = container.Contains("capabilities", StringComparison.Ordinal) ? Escalation : Tame;
        return $$"""{"securityContext":{ {{Hardened}}{{context}} },"containers":[{"name":"a","securityContext":{ {{usual}}{{container}} }{{beside}} }]{{spec}} }""";
    }

    private static string Both(string words, out string again) => again = words;
}
