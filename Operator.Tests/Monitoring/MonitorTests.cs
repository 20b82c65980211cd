using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Monitoring;

/// <summary>What a cluster gets of monitoring: objects that its API server takes, which select what is there.</summary>
public sealed class MonitorTests
{
    private static readonly string[] s_kinds = ["ServiceMonitor", "PodMonitor", "PrometheusRule"];

    private static IReadOnlyList<JsonObject> s_overlay = null!;

    [OneTimeSetUp]
    public static async Task RenderAsync() => s_overlay = await RenderedManifests.OverlayAsync("monitoring");

    [Test]
    public async Task Without_the_component_there_is_none_of_it()
    {
        var root = await RenderedManifests.RootAsync();

        Assert.That(root.Select(m => m.Text("kind")), Has.None.AnyOf([.. s_kinds, "ConfigMap"]));
        Assert.That(s_overlay.Select(Name), Is.SupersetOf(root.Select(Name)));
    }

    [Test]
    public async Task Alerts_on_GPUs_come_with_a_component_of_their_own()
    {
        var with = await RenderedManifests.OverlayAsync("monitoring", "monitoring/gpu");

        Assert.That(with.Select(Name).Except(s_overlay.Select(Name)), Is.EqualTo(["PrometheusRule/llmkube-gpu-alerts"]));
        Assert.That(RunbookUrls(with), Is.All.StartsWith("https://").And.All.Contains("/docs/runbook.md#"));
        Assert.That(RunbookUrls(with).Count, Is.EqualTo(RuleFolder.Alerts.Count()));
        Assert.That(RunbookUrls(with).Select(u => u.Split('#')[0]).Distinct().Count(), Is.EqualTo(1), "settings.yaml alone says where it is");
    }

    [Test]
    public void Dashboards_are_where_the_sidecar_looks()
    {
        var maps = s_overlay.OfKind("ConfigMap").ToList();

        Assert.That(maps.Select(m => m.At("metadata", "labels").Text("grafana_dashboard")), Is.All.EqualTo("1"));
        Assert.That(maps.SelectMany(m => m["data"]!.AsObject()).Select(d => d.Key), Is.EquivalentTo(DashboardFile.All.Select(d => d.Name)));

        // kubectl apply puts the whole object into an annotation, and all annotations together have 256 KiB.
        Assert.That(maps.Select(m => new JsonObject { ["it"] = m.ToJsonString() }.ToJsonString().Length), Is.All.LessThan(200 * 1024));
    }

    [Test]
    public async Task The_cluster_takes_all_of_it()
    {
        await using var cluster = await LocalClusterHost.StartAsync(new() { Controllers = null, Scheduler = false });
        var folder = Directory.CreateTempSubdirectory("monitoring-");
        try
        {
            var kubeconfig = Path.Combine(folder.FullName, "kubeconfig");
            cluster.ApiServer.WriteKubeconfig(kubeconfig);
            var kubectl = new Kubectl(kubeconfig);
            await kubectl.RunAsync("apply", "-f", Path.Combine(Installation.Root, "Operator.Tests", "Monitoring", "Crds"));
            await kubectl.RunAsync("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s");
            RenderedManifests.WriteOverlay(folder.FullName, "monitoring", "monitoring/gpu");

            await kubectl.RunAsync("apply", "-k", folder.FullName, "--validate=strict");

            var again = await kubectl.RunAsync("apply", "-k", folder.FullName, "--validate=strict");
            Assert.That(Kubectl.ChangesIn(again), Is.Empty);
            var misspelt = Path.Combine(folder.FullName, "misspelt.yaml");
            await File.WriteAllTextAsync(misspelt, (await File.ReadAllTextAsync(Path.Combine(RenderedManifests.Monitoring, "podmonitor.yaml"))).Replace("sampleLimit", "sampleLimits", StringComparison.Ordinal));
            Assert.That(await kubectl.FailAsync("apply", "-f", misspelt, "--validate=strict"), Does.Contain("sampleLimits"), "it would not take a field that there isn't");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Test]
    public void The_monitor_of_the_operator_finds_its_Service_and_that_its_pods()
    {
        var monitor = s_overlay.OfKind("ServiceMonitor").Single();
        var service = s_overlay.OfKind("Service").Single(s => monitor["spec"]!["selector"]!.Selects(s.At("metadata", "labels")));
        var template = s_overlay.OfKind("Deployment").Single()["spec"]!["template"]!;
        Assert.That(monitor.Text("metadata", "namespace"), Is.EqualTo(service.Text("metadata", "namespace")), "it looks in its own namespace");
        Assert.That(service["spec"]!["selector"]!.AsObject().All(l => template.At("metadata", "labels").Text(l.Key) == l.Value!.GetValue<string>()), Is.True);

        var port = service["spec"]!["ports"]!.AsArray().Single(p => p.Text("name") == monitor.Text("spec", "endpoints", "0", "port"));
        Assert.That(template.At("spec", "containers", "0", "ports")!.AsArray().Select(p => p.Text("name")), Has.Member(port.Text("targetPort")));
        Assert.That(monitor.Text("spec", "endpoints", "0", "scheme"), Is.EqualTo("https"));
        Assert.That(Relabelled(monitor["spec"]!["endpoints"]![0]!, "job"), Is.EqualTo("llmkube-controller"));

        var access = s_overlay.OfKind("ClusterRoleBinding").Single(b => b.Text("metadata", "name") == "llmkube-metrics-reader");
        var role = s_overlay.OfKind("ClusterRole").Single(r => r.Text("metadata", "name") == access.Text("roleRef", "name"));
        Assert.That(role.Text("rules", "0", "nonResourceURLs", "0"), Is.EqualTo(monitor.Text("spec", "endpoints", "0", "path")));
    }

    [Test]
    public void Prometheus_may_look_for_targets_where_the_monitors_say_and_for_nothing_more()
    {
        static IEnumerable<string> Rights(JsonObject role) =>
            from rule in role["rules"]!.AsArray()
            from resource in rule!["resources"]!.AsArray()
            from verb in rule["verbs"]!.AsArray()
            select $"{verb!.GetValue<string>()} {resource!.GetValue<string>()}";
        static IEnumerable<string> Reads(params string[] resources) => resources.SelectMany(r => new[] { $"get {r}", $"list {r}", $"watch {r}" });
        const string Discovery = "llmkube-metrics-discovery";
        JsonObject Named(string kind) => s_overlay.OfKind(kind).Single(o => o.Text("metadata", "name") == Discovery);

        Assert.That(Rights(Named("ClusterRole")), Is.EquivalentTo(Reads("pods")), "the pods of users are in any namespace");
        Assert.That(Rights(Named("Role")), Is.EquivalentTo(Reads("services", "endpoints", "endpointslices")), "the operator's Service is in one");
        Assert.That(Named("Role").Text("metadata", "namespace"), Is.EqualTo(s_overlay.OfKind("ServiceMonitor").Single().Text("metadata", "namespace")));
        var subjects = new[] { "ClusterRoleBinding", "RoleBinding" }.SelectMany(s_overlay.OfKind).Where(b => b.Text("metadata", "name")!.StartsWith("llmkube-metrics-", StringComparison.Ordinal)).ToList();
        Assert.That(subjects, Has.Count.EqualTo(3));
        Assert.That(subjects.Select(b => b["subjects"]!.ToJsonString()).Distinct().Count(), Is.EqualTo(1), "an overlay names another account for all by one patch");
        Assert.That(subjects.Select(b => b.Text("roleRef", "kind") + b.Text("roleRef", "name")), Is.EquivalentTo(new[] { $"ClusterRole{Discovery}", $"Role{Discovery}", "ClusterRolellmkube-metrics-reader" }));
    }

    [Test]
    public async Task The_monitor_of_inference_finds_the_pods_that_serve_and_no_others()
    {
        await using var cluster = await StoryCluster.StartAsync();
        await cluster.StartOperatorAsync();
        await cluster.CreateModelAsync("tiny");
        await cluster.CreateServiceAsync("chat");
        var longName = string.Join('-', Enumerable.Repeat("a-long-name", 8));
        await cluster.CreateServiceAsync(longName);
        foreach (var name in new[] { "chat", longName }) await cluster.ServiceAsync(name, s => s.Phase == InferenceServicePhases.Ready);
        cluster.Rules.Add(Fetches.Endless);
        await cluster.CreateModelAsync("other");
        await cluster.ModelAsync("other", ModelPhases.Downloading);
        var pods = (await cluster.Client.CoreV1.ListNamespacedPodAsync(cluster.Namespace)).Items;
        var monitor = s_overlay.OfKind("PodMonitor").Single()["spec"]!;
        var endpoint = monitor["podMetricsEndpoints"]![0]!;

        var found = pods.Where(p => monitor["selector"]!.Selects(ToJson(p.Metadata.Labels))).ToList();

        Assert.That(monitor["namespaceSelector"]!["any"]!.GetValue<bool>(), Is.True);
        Assert.That(found, Has.Count.EqualTo(2));
        Assert.That(pods.Except(found).Select(p => p.Metadata.Labels.Keys), Has.All.Member(Labels.CacheKey), "the rest are fetches");
        foreach (var pod in found)
        {
            Assert.That(pod.Spec.Containers.Single().Ports.Select(p => p.Name), Is.EqualTo([endpoint.Text("port")]));
            Assert.That(pod.Spec.Containers.Single().Args, Has.Member("--metrics"));
            Assert.That(Relabelled(endpoint, "job", pod), Is.EqualTo("llmkube-inference"));
            Assert.That(Relabelled(endpoint, "service", pod), Is.AnyOf("chat", longName));
            Assert.That((Relabelled(endpoint, "model", pod), Relabelled(endpoint, "runtime", pod)), Is.EqualTo(("tiny", "llamacpp")));
        }

        Assert.That(found.Select(p => Relabelled(endpoint, "service", p)), Is.Unique);
    }

    private static string Name(JsonObject manifest) => $"{manifest.Text("kind")}/{manifest.Text("metadata", "name")}";

    private static List<string> RunbookUrls(IEnumerable<JsonObject> manifests) =>
    [
        .. from rules in manifests.OfKind("PrometheusRule")
           from @group in rules["spec"]!["groups"]!.AsArray()
           from rule in @group["rules"]!.AsArray()
           let url = rule.Text("annotations", "runbook_url")
           where url is not null
           select url,
    ];

    private static JsonNode ToJson(object value) => JsonNode.Parse(KubernetesJson.Serialize(value))!;

    // As Prometheus does, for rules that replace: the last of a target whose source matches wins.
    private static string? Relabelled(JsonNode endpoint, string label, V1Pod? pod = null)
    {
        string? value = null;
        foreach (var rule in endpoint["relabelings"]!.AsArray().Where(r => r.Text("targetLabel") == label))
        {
            var source = rule.Text("sourceLabels", "0");
            if (source is null) value = rule.Text("replacement");
            else if (Discovered(pod!).TryGetValue(source, out var found) && found.Length > 0) value = found;
        }

        return value;
    }

    /// <summary>The labels that Prometheus' discovery makes of a pod's labels and annotations.</summary>
    private static Dictionary<string, string> Discovered(V1Pod pod)
    {
        static string Plain(string key) => string.Concat(key.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        var labels = (pod.Metadata.Labels ?? new Dictionary<string, string>()).Select(l => ($"__meta_kubernetes_pod_label_{Plain(l.Key)}", l.Value));
        var annotations = (pod.Metadata.Annotations ?? new Dictionary<string, string>()).Select(a => ($"__meta_kubernetes_pod_annotation_{Plain(a.Key)}", a.Value));
        return labels.Concat(annotations).ToDictionary(p => p.Item1, p => p.Value);
    }
}
