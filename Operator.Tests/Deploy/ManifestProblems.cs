using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Hosting;
using LlmKube.Operator.Tests.Access;
using LlmKube.Operator.Tests.Monitoring;
using LlmKube.Operator.Tests.Options;
using OpenTelemetry.Exporter;

namespace LlmKube.Operator.Tests.Deploy;

/// <summary>What an API server takes of an installation and what yet would not work, as one line each: parts that don't find each other, or that cut the operator off.</summary>
internal sealed partial class ManifestProblems
{
    // What the operator dials: names, the API server's Service, and a collector where OpenTelemetry looks for one by itself.
    private static readonly string[] s_dialled =
    [
        "TCP/53", "UDP/53", $"TCP/{new Uri("https://kubernetes.default.svc").Port}",
        .. Enum.GetValues<OtlpExportProtocol>().Select(p => $"TCP/{new OtlpExporterOptions { Protocol = p }.Endpoint.Port}"),
    ];

    // Where DNS (OpenShift) and API servers (kubeadm) listen behind their Services: some networks look at a connection after it was sent on. The others are those of minikube and MicroK8s.
    private static readonly string[] s_behind = ["TCP/5353", "UDP/5353", "TCP/6443"], s_elsewhere = ["TCP/8443", "TCP/16443"];

    private readonly IReadOnlyList<JsonObject> _manifests;
    private readonly JsonObject _deployment;
    private readonly JsonNode _pod;
    private readonly JsonNode _container;

    private ManifestProblems(IReadOnlyList<JsonObject> manifests)
    {
        (_manifests, _deployment) = (manifests, manifests.OfKind("Deployment").Single());
        _pod = _deployment["spec"]!["template"]!["spec"]!;
        _container = _pod["containers"]!.AsArray().Single()!;
    }

    private string Namespace => _deployment.Text("metadata", "namespace")!;

    private IReadOnlyList<JsonNode> Ports => [.. _container["ports"]!.AsArray().OfType<JsonNode>()];

    private JsonNode Labels => _deployment["spec"]!["template"]!["metadata"]!["labels"]!;

    /// <summary>Those of an installation.</summary>
    public static async Task<IReadOnlyList<string>> OfAsync(IReadOnlyList<JsonObject> manifests)
    {
        var all = new ManifestProblems(manifests);
        return [.. await all.CommandLineAsync(), .. all.Probes(), .. all.Confinement(), .. all.Selectors(), .. all.Policy(), .. all.Bindings(), .. all.Election(), .. all.Mounts()];
    }

    private async Task<IReadOnlyList<string>> CommandLineAsync()
    {
        var variables = _container["env"]!.AsArray().Select(v => v.Text("name")).ToHashSet();
        var arguments = _container["args"]!.AsArray().Select(a => Reference().Replace(a!.GetValue<string>(), m => variables.Contains(m.Groups[1].Value) ? "known" : m.Value));
        var said = await Said.Async([.. arguments]);
        if (said.Options is not { } options) return [said.Error.Trim()];

        var ports = Ports.ToDictionary(p => p.Text("name")!, p => Number(p["containerPort"]));
        List<string> problems = [];
        if (ports.GetValueOrDefault("metrics") != options.MetricsBindAddress.Port) problems.Add("the port metrics is not that of --metrics-bind-address");
        if (ports.GetValueOrDefault("probes") != options.HealthProbeBindAddress.Port) problems.Add("the port probes is not that of --health-probe-bind-address");
        if (!options.LeaderElect && Number(_deployment["spec"]!["replicas"]) > 1) problems.Add("several replicas work at once: --leader-elect is missing");
        return problems;
    }

    private IEnumerable<string> Probes() =>
        from probe in new[] { ("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz") }
        let get = _container[probe.Item1]?["httpGet"]
        where get.Text("path") != probe.Item2 || get.Text("port") != "probes" || Ports.All(p => p.Text("name") != get.Text("port"))
        select $"{probe.Item1} does not ask {probe.Item2} at a port of the container";

    // The profile "restricted" of Pod Security, a read-only root, and nothing of the node.
    private IEnumerable<string> Confinement()
    {
        var (pod, container) = (_pod["securityContext"]!, _container["securityContext"]!);
        if (!Says(pod, "runAsNonRoot", true) || pod.Text("seccompProfile", "type") != "RuntimeDefault") yield return "the pod may be root, or call what it likes";
        if (!Says(container, "allowPrivilegeEscalation", false) || container["privileged"] is not null || container.Text("capabilities", "drop", "0") != "ALL" || container.At("capabilities", "add") is not null) yield return "the container has privileges";
        if (!Says(container, "readOnlyRootFilesystem", true)) yield return "the container can write to its root";
        if (new[] { "hostNetwork", "hostPID", "hostIPC" }.Any(f => _pod[f] is not null) || Ports.Any(p => p["hostPort"] is not null)) yield return "the pod is in the node's namespaces";
        if ((_pod["volumes"]?.AsArray() ?? []).Any(v => v!["hostPath"] is not null)) yield return "the pod mounts a folder of the node";
        if (_container.At("resources", "requests", "cpu") is null || _container.At("resources", "limits", "memory") is null) yield return "the container asks for no resources, or is not limited";
    }

    private IEnumerable<string> Selectors()
    {
        if (!_deployment["spec"]!["selector"]!.Selects(Labels)) yield return "the Deployment does not select its own pods";
        foreach (var (kind, selector) in new[] { ("PodDisruptionBudget", "selector"), ("NetworkPolicy", "podSelector") })
        {
            var all = _manifests.OfKind(kind).ToList();
            if (all.Count == 0) yield return $"there is no {kind}";
            foreach (var each in all.Where(e => !InNamespace(e) || !e["spec"]![selector]!.Selects(Labels) || e["spec"]![selector]!["matchLabels"] is null)) yield return $"{each.Identity()} selects other pods than the operator's";
        }

        foreach (var budget in _manifests.OfKind("PodDisruptionBudget").Where(b => Number(b.At("spec", "maxUnavailable")) != 1)) yield return $"{budget.Identity()} does not let one pod go at a time";
        foreach (var service in _manifests.OfKind("Service"))
        {
            if (!InNamespace(service) || !new JsonObject { ["matchLabels"] = service["spec"]!["selector"]!.DeepClone() }.Selects(Labels)) yield return $"{service.Identity()} has no pods";
            foreach (var port in service["spec"]!["ports"]!.AsArray().Where(p => Ports.All(c => c.Text("name") != p.Text("targetPort")))) yield return $"{service.Identity()}: no container has the port {port.Text("targetPort")}";
        }

        foreach (var term in _pod.At("affinity", "podAntiAffinity", "preferredDuringSchedulingIgnoredDuringExecution")?.AsArray() ?? [])
        {
            if (!term!["podAffinityTerm"]!["labelSelector"]!.Selects(Labels)) yield return "replicas keep away from other pods than each other";
        }
    }

    private IEnumerable<string> Policy()
    {
        foreach (var policy in _manifests.OfKind("NetworkPolicy"))
        {
            static IEnumerable<string> Open(JsonNode? rules) =>
                from rule in rules?.AsArray() ?? []
                where rule!["to"] is null && rule["from"] is null
                from port in rule!["ports"]!.AsArray()
                select $"{port.Text("protocol") ?? "TCP"}/{Number(port!["port"])}";
            var ingress = Open(policy["spec"]!["ingress"]).Order(StringComparer.Ordinal);
            var needed = Ports.Select(p => $"TCP/{Number(p["containerPort"])}").Order(StringComparer.Ordinal);
            if (!ingress.SequenceEqual(needed)) yield return $"{policy.Identity()} lets in {string.Join(' ', ingress)}; the operator listens at {string.Join(' ', needed)}";
            var egress = Open(policy["spec"]!["egress"]).ToList();
            foreach (var port in s_dialled.Concat(s_behind).Except(egress)) yield return $"{policy.Identity()} does not let out {port}";
            foreach (var port in egress.Except([.. s_dialled, .. s_behind, .. s_elsewhere])) yield return $"{policy.Identity()} lets out {port}, where nobody listens whom the operator asks";
            if (policy["spec"]!["policyTypes"]!.AsArray().Count != 2) yield return $"{policy.Identity()} is not for both directions";
        }
    }

    private IEnumerable<string> Bindings()
    {
        var account = $"ServiceAccount/{Namespace}/{_pod.Text("serviceAccountName")}";
        if (_manifests.All(m => m.Identity() != account)) yield return $"there is no {account}";
        var bindings = _manifests.OfKind("RoleBinding").Concat(_manifests.OfKind("ClusterRoleBinding")).ToList();
        foreach (var binding in bindings)
        {
            var role = binding.Text("roleRef", "kind") == "Role" ? $"Role/{binding.Text("metadata", "namespace")}/{binding.Text("roleRef", "name")}" : $"ClusterRole/{binding.Text("roleRef", "name")}";
            if (_manifests.All(m => m.Identity() != role)) yield return $"{binding.Identity()}: there is no {role}";
        }

        if (!bindings.Any(b => b.Text("roleRef", "name") == FieldManagers.Operator && b["subjects"]!.AsArray().Any(s => $"{s.Text("kind")}/{s.Text("namespace")}/{s.Text("name")}" == account))) yield return $"{account} has no rights";
    }

    // The Lease is in the namespace of the pods, whatever the one is that they work in; and of that name the Role has to speak that they are bound to.
    private IEnumerable<string> Election()
    {
        var bound = _manifests.OfKind(V1RoleBinding.KubeKind).Where(b => b["subjects"]!.AsArray().Any(s => s.Text("namespace") == Namespace && s.Text("name") == _pod.Text("serviceAccountName")))
            .Select(b => $"{V1Role.KubeKind}/{b.Text("metadata", "namespace")}/{b.Text("roleRef", "name")}").ToHashSet();
        var granted = _manifests.OfKind(V1Role.KubeKind).Where(r => bound.Contains(r.Identity()))
            .SelectMany(r => GrantedRight.Of(KubernetesJson.Deserialize<V1Role>(r.ToJsonString()).Rules, r.Text("metadata", "namespace")!)).ToList();
        return from verb in new[] { "get", "create", "update" }
               let needed = new NeededRight(verb, V1Lease.KubeGroup, V1Lease.KubePluralName, Namespace, verb == "create" ? "" : OperatorApplication.LeaseName)
               where !granted.Any(g => g.Covers(needed))
               select $"nobody can lead: no Role gives {verb} on {Namespace}/{OperatorApplication.LeaseName}";
    }

    private IEnumerable<string> Mounts()
    {
        var volumes = (_pod["volumes"]?.AsArray() ?? []).Select(v => v.Text("name")).ToHashSet();
        foreach (var mount in _container["volumeMounts"]?.AsArray() ?? [])
        {
            if (!volumes.Contains(mount.Text("name"))) yield return $"there is no volume {mount.Text("name")}";
        }

        // With a root that can't be written to, .NET has this alone for its sockets.
        if ((_container["volumeMounts"]?.AsArray() ?? []).All(m => m.Text("mountPath") != "/tmp")) yield return "nothing is mounted at /tmp";
    }

    private bool InNamespace(JsonObject manifest) => manifest.Text("metadata", "namespace") == Namespace;

    private static bool Says(JsonNode node, string field, bool value) => node[field]?.GetValue<bool>() == value;

    private static long? Number(JsonNode? node) => node is null ? null : long.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\$\((\w+)\)")]
    private static partial Regex Reference();
}
