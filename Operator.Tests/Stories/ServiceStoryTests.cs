using System.Net;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;
using LlmKube.Operator.Models;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>InferenceServices on a cluster, with the operator in this process.</summary>
public sealed class ServiceStoryTests
{
    private static readonly PodRule s_slowLoad = new() { Container = DeploymentBuilder.Container, LoadTime = TimeSpan.FromHours(1) };

    private StoryCluster _cluster = null!;
    private RunningOperator _operator = null!;

    private string Ns => _cluster.Namespace;

    [SetUp]
    public async Task StartAsync()
    {
        _cluster = await StoryCluster.StartAsync(new() { Nodes = NodeSpec.Many(1) });
        _operator = await _cluster.StartOperatorAsync();
    }

    [TearDown]
    public async Task StopAsync() => await _cluster.DisposeAsync();

    [Test]
    public async Task A_service_waits_for_its_model_and_follows_its_pods_to_Ready_and_back()
    {
        await _cluster.CreateServiceAsync("chat");
        await _cluster.ServiceAsync("chat", s => s is { Phase: InferenceServicePhases.Pending, ModelReady: false } && s.Conditions.Find(ConditionTypes.Progressing)?.Reason == Reasons.ModelNotFound);

        _cluster.Rules.Add(s_slowLoad);
        await _cluster.CreateModelAsync("tiny");
        var creating = await _cluster.ServiceAsync("chat", s => s is { Phase: InferenceServicePhases.Creating, ModelReady: true });
        Assert.That(creating.Endpoint, Is.EqualTo($"http://chat.{Ns}.svc.cluster.local:8080/v1/chat/completions"));

        _cluster.Rules.Remove(s_slowLoad);
        await DeletePodsAsync();
        await _cluster.ServiceAsync("chat", s => s is { Phase: InferenceServicePhases.Ready, ReadyReplicas: 1 } && s.Conditions.IsTrue(ConditionTypes.Available));
        foreach (var sample in new[]
        {
            $"llmkube_inferenceservice_phase{{inferenceservice=\"chat\",namespace=\"{Ns}\",phase=\"Ready\"}} 1",
            $"llmkube_inferenceservice_ready_duration_seconds_count{{inferenceservice=\"chat\",namespace=\"{Ns}\"}} 1",
        })
        {
            await Eventually.SeeAsync(_operator.MetricsAsync, m => m.Contains(sample, StringComparison.Ordinal), sample);
        }

        _cluster.Rules.Add(s_slowLoad);
        await DeletePodsAsync();
        await _cluster.ServiceAsync("chat", s => s is { ReadyReplicas: 0, Phase: InferenceServicePhases.Creating } && s.Conditions.Find(ConditionTypes.Available)?.Status == "False");
    }

    [Test]
    public async Task Stores_keep_of_objects_what_somebody_reads()
    {
        await ReadyPairAsync();
        var pod = (await _operator.Client.ListAsync<V1Pod>(Ns, Labels.ManagedSelector)).Single(p => p.Metadata.Labels.ContainsKey(Labels.Service));
        Assert.That((pod.Spec.Containers.Single().StartupProbe, pod.Metadata.ManagedFields), Is.EqualTo(((object?)null, (object?)null)));
        Assert.That((pod.Spec.NodeName, pod.Spec.Containers.Single().Image), Is.EqualTo(("node-1", InferenceServiceDefaults.Image)));
        Assert.That((await _operator.Client.GetAsync<Model>("tiny", Ns))!.Metadata.ManagedFields, Is.Null);
        var deployment = await _operator.Client.GetAsync<V1Deployment>("chat", Ns);
        Assert.That(deployment!.Metadata.ManagedFields.Select(e => e.Manager), Does.Contain(FieldManagers.Operator));
        Assert.That(deployment.Metadata.ManagedFields.Select(e => e.Subresource), Does.Not.Contain("status"));
    }

    [Test]
    public async Task Drift_is_mended_and_what_others_add_is_left()
    {
        await ReadyPairAsync();

        await _cluster.Client.CoreV1.DeleteCollectionNamespacedServiceAsync(Ns, fieldSelector: "metadata.name=chat");
        await Eventually.SeeAsync(async () => (await _cluster.Client.CoreV1.ListNamespacedServiceAsync(Ns)).Items.Any(s => s.Metadata.Name == "chat"), there => there, "the Service is back");
        await _cluster.Client.AppsV1.PatchNamespacedDeploymentAsync(
            StoryCluster.Merge(new { spec = new { progressDeadlineSeconds = 5, template = new { metadata = new { annotations = new Dictionary<string, string> { ["kubectl.kubernetes.io/restartedAt"] = "now" } } } } }), "chat", Ns);

        var deployment = await Eventually.SeeAsync(() => _cluster.Client.AppsV1.ReadNamespacedDeploymentAsync("chat", Ns), d => d.Spec.ProgressDeadlineSeconds > 5, "the deadline is ours");
        Assert.That(deployment.Spec.Template.Metadata.Annotations, Contains.Key("kubectl.kubernetes.io/restartedAt"));
    }

    [Test]
    public async Task Port_and_type_change_in_place_and_the_model_may_change()
    {
        await ReadyPairAsync();
        await _cluster.CreateModelAsync("other");
        var uid = (await _cluster.Client.CoreV1.ReadNamespacedServiceAsync("chat", Ns)).Metadata.Uid;

        await _cluster.PatchServiceAsync("chat", new { modelRef = "other", endpoint = new { port = 9000, type = "NodePort" } });

        var service = await Eventually.SeeAsync(() => _cluster.Client.CoreV1.ReadNamespacedServiceAsync("chat", Ns), s => s.Spec.Type == "NodePort", "the type changes");
        Assert.That((service.Metadata.Uid, service.Spec.Ports.Single().Port), Is.EqualTo((uid, 9000)));
        await Eventually.SeeAsync(() => _cluster.Client.AppsV1.ReadNamespacedDeploymentAsync("chat", Ns), d => d.Spec.Template.Metadata.Labels[Labels.Model] == "other", "the model changes");
        await _cluster.ServiceAsync("chat", s => s is { Phase: InferenceServicePhases.Ready } && s.Endpoint?.Contains(":9000/", StringComparison.Ordinal) == true);
    }

    [Test]
    public async Task A_foreign_object_of_the_name_is_never_overwritten()
    {
        await _cluster.CreateModelAsync("tiny");
        await _cluster.Client.CoreV1.CreateNamespacedServiceAsync(
            new V1Service { Metadata = new V1ObjectMeta { Name = "a-b" }, Spec = new V1ServiceSpec { Ports = [new V1ServicePort { Port = 1 }] } }, Ns);

        await _cluster.CreateServiceAsync("a.b");

        await _cluster.ServiceAsync("a.b", s => s.Phase == InferenceServicePhases.Failed && s.Conditions.IsTrue(ConditionTypes.NameConflict));
        Assert.That((await _cluster.Client.CoreV1.ReadNamespacedServiceAsync("a-b", Ns)).Spec.Ports.Single().Port, Is.EqualTo(1));
        Assert.That((await _cluster.Client.AppsV1.ListNamespacedDeploymentAsync(Ns)).Items, Is.Empty);
        await _cluster.EventsAsync(l => l.Items.Count(e => e.Reason == ConditionTypes.NameConflict) == 1, "one Event says so");
    }

    [Test]
    public async Task An_event_that_happens_again_after_a_restart_is_counted_on()
    {
        await _cluster.CreateServiceAsync("chat");
        await _cluster.EventsAsync(l => l.Items.Any(e => e is { Reason: Reasons.ModelNotFound, Count: 1 }), "the Event is there");
        await _cluster.StopOperatorAsync(_operator);
        await _cluster.CreateModelAsync("tiny");
        _operator = await _cluster.StartOperatorAsync();
        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready);

        await _cluster.PatchServiceAsync("chat", new { replicas = 0 });
        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Stopped);
        await Eventually.SeeAsync(() => _cluster.Client.CoreV1.ListNamespacedPodAsync(Ns, labelSelector: Labels.Service), p => p.Items.Count == 0, "nothing uses the Model's file");
        await _cluster.DeleteModelAsync("tiny");

        await _cluster.EventsAsync(l => l.Items.Any(e => e is { Reason: Reasons.ModelNotFound, Count: 2 }), "the Event is counted on");
    }

    [Test]
    public async Task What_the_Go_operator_left_is_taken_over_whole()
    {
        var service = await _cluster.CreateServiceAsync("chat");
        await _cluster.Client.CoreV1.CreateNamespacedServiceAsync(GoOperators.Service(service, port: 8000), Ns, fieldManager: GoOperators.Manager);
        await _cluster.Client.AppsV1.CreateNamespacedDeploymentAsync(GoOperators.Deployment(service), Ns, fieldManager: GoOperators.Manager);

        await _cluster.CreateModelAsync("tiny");

        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready);
        var deployment = await _cluster.Client.AppsV1.ReadNamespacedDeploymentAsync("chat", Ns);
        var pod = deployment.Spec.Template.Spec;
        Assert.That(deployment.Spec.Selector.MatchLabels, Contains.Key(Labels.Model), "a selector can't be changed");
        Assert.That((pod.InitContainers, pod.SecurityContext?.FsGroup), Is.EqualTo(((IList<V1Container>?)null, (long?)FetchContainer.User)));
        Assert.That(pod.Volumes.Select(v => v.Name), Is.EqualTo(new[] { CacheLayout.VolumeName, Scratch.VolumeName }));
        Assert.That(pod.Containers.Single().VolumeMounts.Select(m => m.MountPath), Is.EqualTo(new[] { CacheDefaults.MountPath, "/tmp" }));
        Assert.That((await _cluster.Client.CoreV1.ReadNamespacedServiceAsync("chat", Ns)).Spec.Ports.Select(p => p.Port), Is.EqualTo(new[] { 8080 }));
    }

    [Test]
    public async Task A_service_becomes_metal_and_comes_back()
    {
        await ReadyPairAsync();

        await _cluster.PatchModelAsync("tiny", new { hardware = new { accelerator = "metal" } });
        await Eventually.SeeAsync(() => _cluster.Client.AppsV1.ListNamespacedDeploymentAsync(Ns), l => l.Items.Count == 0, "the Deployment is gone");
        await _cluster.PatchModelAsync("tiny", new { hardware = new { accelerator = "cpu" } });

        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready);
    }

    [Test]
    public async Task A_second_writer_in_a_hurry_keeps_its_fields()
    {
        await ReadyPairAsync();
        for (var i = 0; i < 100; i++)
        {
            var metadata = new { annotations = new Dictionary<string, string> { [$"writer/{i}"] = "was here" } };
            await _cluster.Client.AppsV1.PatchNamespacedDeploymentAsync(StoryCluster.Merge(new { metadata }), "chat", Ns);
            await _cluster.Services.PatchNamespacedAsync<InferenceService>(StoryCluster.Merge(new { metadata, spec = new { contextSize = 1024 + i } }), Ns, "chat");
        }

        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready && s.ObservedGeneration == 101);
        var deployment = await _cluster.Client.AppsV1.ReadNamespacedDeploymentAsync("chat", Ns);
        var service = await _cluster.Services.ReadNamespacedAsync<InferenceService>(Ns, "chat");
        Assert.That(deployment.Spec.Template.Spec.Containers[0].Args, Does.Contain("1123"));
        Assert.That(deployment.Metadata.Annotations.Keys.Count(k => k.StartsWith("writer/", StringComparison.Ordinal)), Is.EqualTo(100));
        Assert.That(service.Metadata.Annotations.Keys.Count(k => k.StartsWith("writer/", StringComparison.Ordinal)), Is.EqualTo(100));
    }

    [Test]
    public async Task Probes_and_metrics_are_served_each_at_their_own_address()
    {
        await Eventually.SeeAsync(async () => (await _operator.GetAsync("/readyz", probes: true)).Status, s => s == HttpStatusCode.OK, "the operator is ready");

        Assert.That((await _operator.GetAsync("/healthz", probes: true)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await _operator.GetAsync("/metrics", probes: true)).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await _operator.GetAsync("/healthz")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await _operator.MetricsAsync(), Does.Contain("llmkube_active_models_total 0").And.Contain("llmkube_reconcile_total{controller=\"model\",result=\"error\"} 0"));
    }

    private async Task ReadyPairAsync()
    {
        await _cluster.CreateModelAsync("tiny");
        await _cluster.CreateServiceAsync("chat");
        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready);
    }

    private Task DeletePodsAsync() =>
        _cluster.Client.CoreV1.DeleteCollectionNamespacedPodAsync(Ns, labelSelector: $"{Labels.Service}=chat", gracePeriodSeconds: 0);
}
