using System.Net;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary>InferenceServices end to end: the operator in-process against an API server over HTTPS; the test plays kubelet and scheduler.</summary>
public sealed class ServiceStoryTests
{
    private const string Ns = "default";
    private ApiServerHost _server = null!;
    private OperatorUnderTest _operator = null!;
    private GenericClient _services = null!;
    private GenericClient _models = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = await ApiServerHost.StartAsync(new ApiServerOptions());
        _operator = await OperatorUnderTest.StartAsync(_server);
        _services = new GenericClient(_operator.Client, ApiGroup.Name, ApiGroup.Version, InferenceService.KubePluralName, disposeClient: false);
        _models = new GenericClient(_operator.Client, ApiGroup.Name, ApiGroup.Version, Model.KubePluralName, disposeClient: false);
    }

    [TearDown]
    public async Task StopAsync()
    {
        _services.Dispose();
        _models.Dispose();
        await _operator.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task A_service_waits_for_its_model_and_follows_its_pods_to_Ready()
    {
        await CreateServiceAsync("chat");
        await StatusAsync("chat", s => s is { Phase: "Pending", ModelReady: false } && s.Conditions.Find("Progressing")?.Reason == Reasons.ModelNotFound);

        await CreateReadyModelAsync();
        var creating = await StatusAsync("chat", s => s.Phase == "Creating");
        Assert.That(creating.Endpoint, Is.EqualTo("http://chat.default.svc.cluster.local:8080/v1/chat/completions"));

        await CreatePodAsync("chat-1", "chat", ready: true);
        await SetDeploymentAsync("chat", 1);
        await StatusAsync("chat", s => s is { Phase: "Ready", ReadyReplicas: 1 } && s.Conditions.IsTrue("Available"));
        var metrics = await OperatorUnderTest.UntilAsync(
            async () => (await _operator.GetAsync("/metrics")).Body, m => m.Contains("llmkube_inferenceservice_phase{inferenceservice=\"chat\",namespace=\"default\",phase=\"Ready\"} 1", StringComparison.Ordinal), "the gauge follows");
        Assert.That(metrics, Does.Contain("llmkube_inferenceservice_ready_duration_seconds_count{inferenceservice=\"chat\",namespace=\"default\"} 1"));

        await DeletePodAsync("chat-1");
        await StatusAsync("chat", s => s is { ReadyReplicas: 0, Phase: "Creating" } && s.Conditions.Find("Available")?.Status == "False");
    }

    [Test]
    public async Task Drift_is_mended_and_a_settled_service_costs_no_write()
    {
        await CreateReadyModelAsync();
        await CreateServiceAsync("chat");
        await CreatePodAsync("chat-1", "chat", ready: true);
        await SetDeploymentAsync("chat", 1);
        await StatusAsync("chat", s => s.Phase == "Ready");

        await _operator.Client.CoreV1.DeleteCollectionNamespacedServiceAsync(Ns, fieldSelector: "metadata.name=chat");
        await OperatorUnderTest.UntilAsync(async () => (await _operator.Client.CoreV1.ListNamespacedServiceAsync(Ns)).Items.Any(s => s.Metadata.Name == "chat"), there => there, "the Service is back");

        var patched = new V1Patch("""{"metadata":{"annotations":{"team":"red"}},"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"now"}}}}}""", V1Patch.PatchType.MergePatch);
        await _operator.Client.AppsV1.PatchNamespacedDeploymentAsync(patched, "chat", Ns);
        await SetDeploymentAsync("chat", 1);
        await StatusAsync("chat", s => s.Phase == "Ready");
        var mark = _server.Requests.Count;
        await CreatePodAsync("foreign", null, ready: true);
        await TouchAsync("chat");
        var deployment = await _operator.Client.AppsV1.ReadNamespacedDeploymentAsync("chat", Ns);
        Assert.That(deployment.Spec.Template.Metadata.Annotations, Contains.Key("kubectl.kubernetes.io/restartedAt"));
        Assert.That(_server.Requests.Since(mark).Where(r => r.IsWrite && r.Resource is "deployments" or "services" or "poddisruptionbudgets"), Is.Empty);
    }

    [Test]
    public async Task Port_and_type_change_in_place_and_the_model_may_change()
    {
        await CreateReadyModelAsync();
        await CreateReadyModelAsync("other");
        await CreateServiceAsync("chat");
        await StatusAsync("chat", s => s.Phase == "Creating");
        var uid = (await _operator.Client.CoreV1.ReadNamespacedServiceAsync("chat", Ns)).Metadata.Uid;

        await EditAsync("chat", s => (s.Spec.Endpoint, s.Spec.ModelRef) = (new EndpointSpec { Port = 9000, Type = "NodePort" }, "other"));

        var service = await OperatorUnderTest.UntilAsync(() => _operator.Client.CoreV1.ReadNamespacedServiceAsync("chat", Ns), s => s.Spec.Type == "NodePort", "the type changes");
        Assert.That((service.Metadata.Uid, service.Spec.Ports.Single().Port), Is.EqualTo((uid, 9000)));
        await OperatorUnderTest.UntilAsync(() => _operator.Client.AppsV1.ReadNamespacedDeploymentAsync("chat", Ns), d => d.Spec.Template.Metadata.Labels[Labels.Model] == "other", "the model changes");
    }

    [Test]
    public async Task A_foreign_object_of_the_name_is_never_overwritten()
    {
        await CreateReadyModelAsync();
        await _operator.Client.CoreV1.CreateNamespacedServiceAsync(
            new V1Service { Metadata = new V1ObjectMeta { Name = "a-b" }, Spec = new V1ServiceSpec { Ports = [new V1ServicePort { Port = 1 }] } }, Ns);

        await CreateServiceAsync("a.b");

        await StatusAsync("a.b", s => s.Phase == "Failed" && s.Conditions.IsTrue("NameConflict"));
        Assert.That((await _operator.Client.CoreV1.ReadNamespacedServiceAsync("a-b", Ns)).Spec.Ports.Single().Port, Is.EqualTo(1));
        Assert.That((await _operator.Client.AppsV1.ListNamespacedDeploymentAsync(Ns)).Items, Is.Empty);
        await OperatorUnderTest.UntilAsync(async () => (await _operator.Client.CoreV1.ListNamespacedEventAsync(Ns)).Items.Count(e => e.Reason == "NameConflict"), n => n == 1, "one Event says so");
    }

    [Test]
    public async Task Three_wait_for_GPUs_and_the_middle_one_leaves()
    {
        await CreateReadyModelAsync();
        foreach (var (name, priority) in new[] { ("low", "llmkube-batch"), ("middle", "llmkube-low"), ("top", "llmkube-normal") })
        {
            await CreateServiceAsync(name);
            await CreateWaitingPodAsync(name, priority);
        }

        await StatusAsync("top", s => s is { QueuePosition: 1, Phase: "WaitingForGPU", WaitingFor: "nvidia.com/gpu: 1", EffectivePriority: 10_000 });
        await StatusAsync("middle", s => s.QueuePosition == 2);
        await StatusAsync("low", s => s.QueuePosition == 3);
        Assert.That((await _operator.GetAsync("/metrics")).Body, Does.Contain("llmkube_gpu_queue_depth 3"));

        await _operator.Client.CustomObjects.DeleteNamespacedCustomObjectAsync(ApiGroup.Name, ApiGroup.Version, Ns, InferenceService.KubePluralName, "middle");
        await DeletePodAsync("middle-1");

        await StatusAsync("low", s => s.QueuePosition == 2);
        await StatusAsync("top", s => s.QueuePosition == 1);
        await DeletePodAsync("top-1");
        await StatusAsync("low", s => s.QueuePosition == 1);
        var freed = await StatusAsync("top", s => s.QueuePosition is null);
        Assert.That((freed.SchedulingStatus, freed.Conditions.Find("GPUAvailable")), Is.EqualTo(((string?)null, (V1Condition?)null)));
        await OperatorUnderTest.UntilAsync(
            async () => (await _operator.GetAsync("/metrics")).Body,
            m => m.Contains("llmkube_gpu_queue_wait_duration_seconds_count{inferenceservice=\"top\",namespace=\"default\"} 1", StringComparison.Ordinal), "the wait has been observed");
    }

    [Test]
    public async Task Probes_and_metrics_are_served_each_at_their_own_address()
    {
        await OperatorUnderTest.UntilAsync(async () => (await _operator.GetAsync("/readyz", probes: true)).Status, s => s == HttpStatusCode.OK, "the operator is ready");

        Assert.That((await _operator.GetAsync("/healthz", probes: true)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await _operator.GetAsync("/metrics", probes: true)).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await _operator.GetAsync("/healthz")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        var (status, body) = await _operator.GetAsync("/metrics");
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(body, Does.Contain("llmkube_active_models_total 0").And.Contain("llmkube_reconcile_total{controller=\"model\",result=\"error\"} 0"));
    }

    private async Task CreateServiceAsync(string name, Action<InferenceServiceSpec>? with = null)
    {
        var service = new InferenceService { Metadata = new V1ObjectMeta { Name = name }, Spec = new InferenceServiceSpec { ModelRef = "tiny" } };
        with?.Invoke(service.Spec);
        await _services.CreateNamespacedAsync(service, Ns);
    }

    private async Task EditAsync(string name, Action<InferenceService> edit)
    {
        var service = await _services.ReadNamespacedAsync<InferenceService>(Ns, name);
        edit(service);
        var patch = new V1Patch(KubernetesJson.Serialize(new { spec = service.Spec }), V1Patch.PatchType.MergePatch);
        await _services.PatchNamespacedAsync<InferenceService>(patch, Ns, name);
    }

    // A change that concerns nobody, and the status that proves it has been looked at.
    private async Task TouchAsync(string name)
    {
        await EditAsync(name, s => s.Spec.Endpoint = new EndpointSpec { Path = "/v1/completions" });
        await StatusAsync(name, s => s.Endpoint?.EndsWith("/v1/completions", StringComparison.Ordinal) == true);
    }

    private async Task<InferenceServiceStatus> StatusAsync(string name, Func<InferenceServiceStatus, bool> isSo) => (await OperatorUnderTest.UntilAsync(
        () => _services.ReadNamespacedAsync<InferenceService>(Ns, name), s => s.Status is { } status && isSo(status), $"the status of {name}")).Status;

    private async Task CreateReadyModelAsync(string name = "tiny")
    {
        await _models.CreateNamespacedAsync(
            new Model
            {
                Metadata = new V1ObjectMeta { Name = name },
                Spec = new ModelSpec { Source = $"https://models.example/{name}.gguf", Hardware = new HardwareSpec { Gpu = new GpuSpec { Count = 1 } } },
            },
            Ns);
        await Fetched.SayAsync(_operator.Client, Ns, $"https://models.example/{name}.gguf");
        await OperatorUnderTest.UntilAsync(() => _models.ReadNamespacedAsync<Model>(Ns, name), m => m.Status?.Phase == ModelPhases.Ready, $"Model {name} is Ready");
    }

    private async Task CreatePodAsync(string name, string? service, bool ready)
    {
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                Name = name,
                Labels = service is null ? null : new Dictionary<string, string> { [Labels.Managed] = "true", [Labels.Service] = service, [Labels.App] = service },
            },
            Spec = new V1PodSpec { Containers = [new V1Container { Name = DeploymentBuilder.Container, Image = "llama:1" }] },
        };
        await _operator.Client.CoreV1.CreateNamespacedPodAsync(pod, Ns);
        await SetPodAsync(name, new V1PodStatus { Phase = "Running", Conditions = [new V1PodCondition { Type = "Ready", Status = ready ? "True" : "False" }] });
    }

    private async Task CreateWaitingPodAsync(string service, string priorityClass)
    {
        var name = $"{service}-1";
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = name, Labels = new Dictionary<string, string> { [Labels.Managed] = "true", [Labels.Service] = service, [Labels.App] = service } },
            Spec = new V1PodSpec
            {
                PriorityClassName = priorityClass,
                Containers =
                [
                    new V1Container
                    {
                        Name = DeploymentBuilder.Container,
                        Image = "llama:1",
                        Resources = new V1ResourceRequirements { Limits = new Dictionary<string, ResourceQuantity> { ["nvidia.com/gpu"] = new("1") } },
                    },
                ],
            },
        };
        await _operator.Client.CoreV1.CreateNamespacedPodAsync(pod, Ns);
        await SetPodAsync(name, new V1PodStatus
        {
            Phase = "Pending",
            Conditions =
            [
                new V1PodCondition
                {
                    Type = "PodScheduled", Status = "False", Reason = "Unschedulable", LastTransitionTime = DateTime.UnixEpoch.AddYears(50),
                    Message = "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.",
                },
            ],
        });
    }

    private Task<V1Pod> SetPodAsync(string name, V1PodStatus status) => _operator.Client.CoreV1.PatchNamespacedPodStatusAsync(
        new V1Patch(KubernetesJson.Serialize(new { status }), V1Patch.PatchType.MergePatch), name, Ns);

    private Task<V1Pod> DeletePodAsync(string name) => _operator.Client.CoreV1.DeleteNamespacedPodAsync(name, Ns, gracePeriodSeconds: 0);

    private async Task SetDeploymentAsync(string name, int replicas)
    {
        var deployment = await OperatorUnderTest.UntilAsync(
            async () => (await _operator.Client.AppsV1.ListNamespacedDeploymentAsync(Ns)).Items.FirstOrDefault(d => d.Metadata.Name == name), d => d is not null, "the Deployment is there");
        var status = new { observedGeneration = deployment!.Metadata.Generation, replicas, updatedReplicas = replicas, readyReplicas = replicas, availableReplicas = replicas };
        await _operator.Client.AppsV1.PatchNamespacedDeploymentStatusAsync(new V1Patch(KubernetesJson.Serialize(new { status }), V1Patch.PatchType.MergePatch), name, Ns);
    }
}
