using System.Text.Json.Nodes;
using LlmKube.Operator.Tests.Monitoring;

namespace LlmKube.Operator.Tests.Deploy;

/// <summary>A mistake in a manifest is found, one by one.</summary>
[TestFixture]
internal sealed class ManifestProblemsTests
{
    private static readonly Dictionary<string, (string Kind, Action<JsonNode> Spoil, string Says)> s_mistakes = new()
    {
        ["a probe asks at a port that there is not"] = ("Deployment", d => Container(d)["livenessProbe"]!["httpGet"]!["port"] = "health", "livenessProbe does not ask /healthz at a port of the container"),
        ["a probe asks for another path"] = ("Deployment", d => Container(d)["readinessProbe"]!["httpGet"]!["path"] = "/ready", "readinessProbe does not ask /readyz at a port of the container"),
        ["there is no startup probe"] = ("Deployment", d => Container(d).AsObject().Remove("startupProbe"), "startupProbe does not ask /healthz at a port of the container"),
        ["a flag is misspelt"] = ("Deployment", d => Container(d)["args"]![0] = "--leader-elected", "llmkube-operator: --leader-elected is no flag; did you mean --leader-elect? (see --help)"),
        ["a variable of a flag is not set"] = ("Deployment", d => Container(d)["args"]![0] = "--namespace=$(NO_SUCH)", "llmkube-operator: --namespace: '$(NO_SUCH)' must be a namespace's name: at most 63 lower case letters, digits and '-' (see --help)"),
        ["nobody is elected"] = ("Deployment", d => Container(d)["args"]!.AsArray().RemoveAt(0), "several replicas work at once: --leader-elect is missing"),
        ["metrics are served elsewhere"] = ("Deployment", d => Container(d)["args"]![2] = "--metrics-bind-address=:9443", "the port metrics is not that of --metrics-bind-address"),
        ["the pod may be root"] = ("Deployment", d => Pod(d)["securityContext"]!.AsObject().Remove("runAsNonRoot"), "the pod may be root, or call what it likes"),
        ["the container keeps a capability"] = ("Deployment", d => Container(d)["securityContext"]!["capabilities"] = new JsonObject { ["drop"] = new JsonArray("NET_RAW") }, "the container has privileges"),
        ["the root can be written to"] = ("Deployment", d => Container(d)["securityContext"]!["readOnlyRootFilesystem"] = false, "the container can write to its root"),
        ["the node's network"] = ("Deployment", d => Pod(d)["hostNetwork"] = true, "the pod is in the node's namespaces"),
        ["a folder of the node"] = ("Deployment", d => Pod(d)["volumes"]!.AsArray().Add(new JsonObject { ["name"] = "n", ["hostPath"] = new JsonObject { ["path"] = "/" } }), "the pod mounts a folder of the node"),
        ["no limit"] = ("Deployment", d => Container(d).AsObject().Remove("resources"), "the container asks for no resources, or is not limited"),
        ["nothing at /tmp"] = ("Deployment", d => Container(d)["volumeMounts"]![0]!["mountPath"] = "/var", "nothing is mounted at /tmp"),
        ["a volume that there is not"] = ("Deployment", d => Container(d)["volumeMounts"]![0]!["name"] = "temp", "there is no volume temp"),
        ["replicas keep away from others"] = ("Deployment", d => Pod(d)["affinity"]!["podAntiAffinity"]!["preferredDuringSchedulingIgnoredDuringExecution"]![0]!["podAffinityTerm"]!["labelSelector"] = Labelled("other"), "replicas keep away from other pods than each other"),
        ["an account that there is not"] = ("ServiceAccount", a => a["metadata"]!["name"] = "operator", "there is no ServiceAccount/llmkube-system/llmkube-operator"),
        ["a budget for others"] = ("PodDisruptionBudget", b => b["spec"]!["selector"] = Labelled("other"), "PodDisruptionBudget/llmkube-system/llmkube-operator selects other pods than the operator's"),
        ["a budget for everybody"] = ("PodDisruptionBudget", b => b["spec"]!["selector"] = new JsonObject(), "PodDisruptionBudget/llmkube-system/llmkube-operator selects other pods than the operator's"),
        ["a budget that stops drains"] = ("PodDisruptionBudget", b => b["spec"]!["maxUnavailable"] = 0, "PodDisruptionBudget/llmkube-system/llmkube-operator does not let one pod go at a time"),
        ["a policy elsewhere"] = ("NetworkPolicy", p => p["metadata"]!["namespace"] = "default", "NetworkPolicy/default/llmkube-operator selects other pods than the operator's"),
        ["a policy that keeps probes out"] = ("NetworkPolicy", p => p["spec"]!["ingress"]![0]!["ports"]!.AsArray().RemoveAt(1), "NetworkPolicy/llmkube-system/llmkube-operator lets in TCP/8443; the operator listens at TCP/8081 TCP/8443"),
        ["a policy that cuts the API server off"] = ("NetworkPolicy", p => p["spec"]!["egress"]!.AsArray().RemoveAt(1), "NetworkPolicy/llmkube-system/llmkube-operator does not let out TCP/443"),
        ["a policy that cuts OpenShift's DNS off"] = ("NetworkPolicy", p => p["spec"]!["egress"]![0]!["ports"]!.AsArray().RemoveAt(2), "NetworkPolicy/llmkube-system/llmkube-operator does not let out UDP/5353"),
        ["a policy that cuts collectors off"] = ("NetworkPolicy", p => p["spec"]!["egress"]![2]!["ports"]![1]!["port"] = 4319, "NetworkPolicy/llmkube-system/llmkube-operator does not let out TCP/4318"),
        ["a policy that is too wide"] = ("NetworkPolicy", p => p["spec"]!["egress"]![2]!["ports"]![1]!["port"] = 25, "NetworkPolicy/llmkube-system/llmkube-operator lets out TCP/25, where nobody listens whom the operator asks"),
        ["a policy that lets out to some pods alone"] = ("NetworkPolicy", p => p["spec"]!["egress"]![0]!["to"] = new JsonArray(new JsonObject { ["podSelector"] = new JsonObject() }), "NetworkPolicy/llmkube-system/llmkube-operator does not let out UDP/53"),
        ["a policy for one direction"] = ("NetworkPolicy", p => p["spec"]!["policyTypes"] = new JsonArray("Egress"), "NetworkPolicy/llmkube-system/llmkube-operator is not for both directions"),
        ["a Service without pods"] = ("Service", s => s["spec"]!["selector"]!["app.kubernetes.io/name"] = "manager", "Service/llmkube-system/llmkube-operator-metrics has no pods"),
        ["a Service without a target"] = ("Service", s => s["spec"]!["ports"]![0]!["targetPort"] = "https", "Service/llmkube-system/llmkube-operator-metrics: no container has the port https"),
        ["a binding of a role that there is not"] = ("ClusterRoleBinding", b => b["roleRef"]!["name"] = "manager", "ClusterRoleBinding/llmkube-operator: there is no ClusterRole/manager"),
        ["a binding for another account"] = ("ClusterRoleBinding", b => b["subjects"]![0]!["namespace"] = "default", "ServiceAccount/llmkube-system/llmkube-operator has no rights"),
        ["a right to another lease"] = ("Role", r => r["rules"]![0]!["resourceNames"]![0] = "manager", "nobody can lead: no Role gives update on llmkube-system/llmkube-operator-leader"),
        ["a right to a lease elsewhere"] = ("RoleBinding", b => b["metadata"]!["namespace"] = "default", "nobody can lead: no Role gives create on llmkube-system/llmkube-operator-leader"),
    };

    private static IReadOnlyList<JsonObject> s_sound = null!;

    public static IEnumerable<string> Mistakes => s_mistakes.Keys;

    [OneTimeSetUp]
    public static async Task RenderAsync() => s_sound = await RenderedManifests.RootAsync();

    [TestCaseSource(nameof(Mistakes))]
    public async Task It_is_found(string mistake)
    {
        var (kind, spoil, says) = s_mistakes[mistake];
        List<JsonObject> spoilt = [.. s_sound.Select(m => m.DeepClone().AsObject())];
        spoil(spoilt.OfKind(kind).First());

        Assert.That(await ManifestProblems.OfAsync(spoilt), Has.Member(says));
    }

    private static JsonNode Pod(JsonNode deployment) => deployment["spec"]!["template"]!["spec"]!;

    private static JsonNode Container(JsonNode deployment) => Pod(deployment)["containers"]![0]!;

    private static JsonObject Labelled(string name) => new() { ["matchLabels"] = new JsonObject { ["app.kubernetes.io/name"] = name } };
}
