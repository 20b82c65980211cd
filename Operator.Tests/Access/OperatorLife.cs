using System.Net.Http.Headers;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tests.Faults;
using LlmKube.Operator.Tests.Faults.Proxy;
using LlmKube.Operator.Tests.InferenceServices;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Access;

/// <summary>All that operators do in their lives, told as shortly as it can be: whatever takes a right of its own is here.</summary>
internal sealed class OperatorLife(RestrictedCluster world)
{
    private const string Source = "https://models.example/tiny.gguf";

    private static readonly PodRule s_stuck = new() { Pod = "stuck-*", StartDelay = TimeSpan.FromHours(1) };
    private static readonly PodRule s_telling = new() { Container = DeploymentBuilder.Container, LogLines = ServerLogs.Recorded("vulkan").TrimEnd('\n').Split('\n') };

    private StoryCluster Story => world.Story;

    private string Ns => Story.Namespace;

    /// <summary>Tells it; gives what there was of children that have owners.</summary>
    public async Task<IReadOnlyList<V1ObjectMeta>> LiveAsync()
    {
        foreach (var rule in new[] { s_telling, s_stuck }) Story.Rules.Add(rule);
        var first = await world.StartOperatorAsync();
        await world.SeesAsync("create", V1Lease.KubePluralName);
        var standby = await world.StartOperatorAsync();
        await Story.CreateServiceAsync("left", "later");
        await FetchAsync();
        await ServeAsync();
        var children = await ChildrenAsync();
        await ScaleAndUpdateAsync();
        await QueueAsync();
        await MendAsync();
        await ScrapeAsync(first);
        await Story.CreateModelAsync("later");
        await Story.ServiceAsync("left", s => s.Phase == InferenceServicePhases.Ready);
        await world.StopOperatorAsync(first);
        await GoOnAsync(standby);

        // Its pod still doesn't begin, and the Events are asked why.
        await world.SeesAsync("list", Corev1Event.KubePluralName);
        await EndAsync();
        return children;
    }

    // While the other writer is in the way each status loses a race, and what is there is read again.
    private async Task FetchAsync()
    {
        var writer = new SecondWriter(Story);
        var overtaken = world.Proxy.Add(new Overtaken(r => r is { Verb: "update", Subresource: "status" }, inARow: 1, r => writer.WriteAsync(r.Resource, r.Name)));
        await Story.CreateModelAsync("small", with: m => m.DeletionPolicy = DeletionPolicies.Delete);
        await Story.CreateServiceAsync("stuck", "small");
        await Story.ModelAsync("small", ModelPhases.Ready);
        await Story.ServiceAsync("stuck", s => s.Phase == InferenceServicePhases.Creating);
        world.Proxy.Remove(overtaken);

        Story.Rules.Add(Fetches.WithHeader);
        await Story.CreateModelAsync("tiny", Source);
        await Story.CreateServiceAsync("chat", with: s => s.Resources = new InferenceResources { Gpu = 1 });
        await Story.ModelAsync("tiny", ModelPhases.Downloading);
        await Story.CreateModelAsync("twin", Source);
        await Story.JobsAsync(jobs => jobs.Items.Any(j => j.Metadata.OwnerReferences.Count == 2), "the fetch is both Models'");
        await Story.ServiceAsync("chat", s => s.Conditions.Find(ConditionTypes.FitsGPU) is not null);
        Story.Rules.Remove(Fetches.WithHeader);
    }

    private async Task ServeAsync()
    {
        await Story.ServiceAsync("chat", s => s is { Phase: InferenceServicePhases.Ready, Acceleration: not null });
        await Story.CreateClaimAsync("mine");
        await Story.CreateServiceAsync("own", with: s => s.ModelCache = new ModelCacheSpec { ClaimName = "mine" });
        await Story.ServiceAsync("own", s => s.Phase == InferenceServicePhases.Ready);
    }

    private async Task<IReadOnlyList<V1ObjectMeta>> ChildrenAsync() =>
    [
        .. (await Story.Client.AppsV1.ListNamespacedDeploymentAsync(Ns)).Items.Select(o => o.Metadata),
        .. (await Story.Client.CoreV1.ListNamespacedServiceAsync(Ns)).Items.Select(o => o.Metadata),
        .. (await Story.Client.BatchV1.ListNamespacedJobAsync(Ns)).Items.Select(o => o.Metadata),
    ];

    private async Task ScaleAndUpdateAsync()
    {
        foreach (var replicas in new[] { 2, 1 })
        {
            await Story.Client.CustomObjects.PatchNamespacedCustomObjectScaleAsync(StoryCluster.Merge(new { spec = new { replicas } }), ApiGroup.Name, ApiGroup.Version, Ns, InferenceService.KubePluralName, "chat");
            await Story.ServiceAsync("chat", s => s is { Phase: InferenceServicePhases.Ready } && s.ReadyReplicas == replicas);
            await Eventually.SeeAsync(() => Story.Client.PolicyV1.ListNamespacedPodDisruptionBudgetAsync(Ns), l => l.Items.Count == replicas - 1, "a budget for several");
        }

        var updated = await Story.PatchServiceAsync("chat", new { contextSize = 2048 });
        await Story.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready && s.ObservedGeneration == updated.Metadata.Generation);
    }

    private async Task QueueAsync()
    {
        await Story.CreateServiceAsync("waiting", with: s => s.Resources = new InferenceResources { Gpu = 8 });
        await Story.ServiceAsync("waiting", s => s is { Phase: InferenceServicePhases.WaitingForGPU, QueuePosition: 1 });
        await Story.DeleteServiceAsync("waiting");
    }

    private async Task MendAsync()
    {
        var client = Story.Client;
        await client.CoreV1.DeleteCollectionNamespacedServiceAsync(Ns, fieldSelector: "metadata.name=chat");
        await client.AppsV1.PatchNamespacedDeploymentAsync(StoryCluster.Merge(new { spec = new { progressDeadlineSeconds = 5 } }), "chat", Ns);
        await Eventually.SeeAsync(() => client.CoreV1.ListNamespacedServiceAsync(Ns), l => l.Items.Any(s => s.Metadata.Name == "chat"), "the Service is back");
        await Eventually.SeeAsync(() => client.AppsV1.ReadNamespacedDeploymentAsync("chat", Ns), d => d.Spec.ProgressDeadlineSeconds > 5, "the deadline is ours");

        await client.CoreV1.CreateNamespacedServiceAsync(new V1Service { Metadata = new V1ObjectMeta { Name = "a-b" }, Spec = new V1ServiceSpec { Ports = [new V1ServicePort { Port = 1 }] } }, Ns);
        await Story.CreateServiceAsync("a.b");
        await Story.ServiceAsync("a.b", s => s.Conditions.IsTrue(ConditionTypes.NameConflict));

        var old = await Story.CreateServiceAsync("old", "elder");
        await client.AppsV1.CreateNamespacedDeploymentAsync(GoOperators.Deployment(old), Ns, fieldManager: GoOperators.Manager);
        await Story.CreateModelAsync("elder");
        await Story.ServiceAsync("old", s => s.Phase == InferenceServicePhases.Ready);
        await Story.PatchModelAsync("elder", new { hardware = new { accelerator = Accelerators.Metal } });
        await Eventually.SeeAsync(() => client.AppsV1.ListNamespacedDeploymentAsync(Ns), l => l.Items.All(d => d.Metadata.Name != "old"), "its Deployment is gone");
    }

    private async Task ScrapeAsync(RunningOperator running)
    {
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=llmkube-operator" } });
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Story.Server.AdminToken);
        Assert.That(await http.GetStringAsync(running.MetricsAddress), Does.Contain("llmkube_model_status{"));
    }

    // What the one before has told is told again, by one that has to look for it first.
    private async Task GoOnAsync(RunningOperator standby)
    {
        await Story.PatchServiceAsync("left", new { replicas = 0 });
        await Story.ServiceAsync("left", s => s.Phase == InferenceServicePhases.Stopped);
        await Story.DeleteModelAsync("later");
        await Story.EventsAsync(l => l.Items.Any(e => e is { Reason: Reasons.ModelNotFound, Count: 2 }), "the Event is counted on");
        await ScrapeAsync(standby);
    }

    private async Task EndAsync()
    {
        foreach (var service in await Story.AllServicesAsync()) await Story.DeleteServiceAsync(service.Metadata.Name);
        foreach (var model in await Story.AllModelsAsync()) await Story.DeleteModelAsync(model.Metadata.Name);
        await Eventually.SeeAsync(Story.AllModelsAsync, l => l.Count == 0, "all is gone");
        await Story.JobsAsync(l => l.Items.Count == 0, "the removal, too");
    }
}
