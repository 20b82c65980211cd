using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tests.Faults.Proxy;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Faults;

/// <summary>Somebody changes or deletes what the operator has made, or has made what the operator wants to make.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class DriftTests
{
    private static readonly string[] s_conflicting = ["foreign-a", "foreign-b", "foreign-c"];
    private static readonly TimeSpan s_healing = TimeSpan.FromSeconds(5);
    private static readonly object s_unlabelled = new { metadata = new { labels = new Dictionary<string, string?> { [Labels.Managed] = null, [Labels.App] = "other" } } };

    [Test]
    public async Task Every_kind_of_child_that_is_changed_or_deleted_is_as_it_was_within_5_seconds()
    {
        var faultFree = await FaultFree.StateAsync(Fleet.Small);
        await using var world = await FaultWorld.StartAsync();
        var cluster = world.Cluster;
        var running = await world.StartOperatorAsync();

        // A claim that pods use can't go. On a new one everything is fetched anew.
        foreach (var name in Fleet.Small.ModelNames) await cluster.CreateModelAsync(name);
        foreach (var name in Fleet.Small.ModelNames) await cluster.ModelAsync(name, ModelPhases.Ready);
        await cluster.JobsAsync(j => j.Items.Count == 0, "the fetches are gone");
        await HealsAsync<V1PersistentVolumeClaim>(world, running.Proxy, CacheDefaults.ClaimName, null);
        var claim = (await cluster.Client.CoreV1.ReadNamespacedPersistentVolumeClaimAsync(CacheDefaults.ClaimName, cluster.Namespace)).Metadata.Uid;
        await Eventually.SeeAsync(cluster.AllModelsAsync, all => all.All(m => m.Status is { Phase: ModelPhases.Ready } status && status.CacheClaimUid == claim), "all are fetched anew");

        for (var model = 0; model < Fleet.Small.Models; model++) await Fleet.Small.CreateServicesAsync(cluster, model);
        await Fleet.Small.ReadyAsync(cluster);
        var (one, two) = (Fleet.ServiceName(0, 0), Fleet.ServiceName(0, 1));

        await HealsAsync<V1Deployment>(world, running.Proxy, one, new { spec = new { progressDeadlineSeconds = 7 } });
        await HealsAsync<V1Deployment>(world, running.Proxy, one, new { spec = new { template = new { spec = new { containers = new[] { new { name = "llama-server", image = "other:1" } } } } } });
        await HealsAsync<V1Deployment>(world, running.Proxy, two, s_unlabelled);
        await HealsAsync<V1Deployment>(world, running.Proxy, two, null);
        await HealsAsync<V1Service>(world, running.Proxy, one, new { spec = new { type = "NodePort", selector = new Dictionary<string, string> { ["app"] = "other" } } });
        await HealsAsync<V1Service>(world, running.Proxy, one, s_unlabelled);
        await HealsAsync<V1Service>(world, running.Proxy, two, null);
        await HealsAsync<V1PodDisruptionBudget>(world, running.Proxy, two, new { spec = new { maxUnavailable = 2 } });
        await HealsAsync<V1PodDisruptionBudget>(world, running.Proxy, two, s_unlabelled);
        await HealsAsync<V1PodDisruptionBudget>(world, running.Proxy, two, null);
        await HealsAsync<V1PersistentVolumeClaim>(world, running.Proxy, CacheDefaults.ClaimName, new { metadata = new { labels = new Dictionary<string, string?> { [Labels.Managed] = null } } });

        cluster.Rules.Add(Fetches.Endless);
        var fetch = FetchJobBuilder.NameOf(CacheKey.Of((await cluster.CreateModelAsync("endless")).Spec.Source));
        await cluster.ModelAsync("endless", ModelPhases.Downloading);
        await HealsAsync<V1Job>(world, running.Proxy, fetch, new { metadata = new { ownerReferences = (object?[])[] } });
        await HealsAsync<V1Job>(world, running.Proxy, fetch, null);
        await cluster.DeleteModelAsync("endless");
        await cluster.JobsAsync(j => j.Items.Count == 0, "the fetch is gone");
        await Eventually.SeeAsync(cluster.AllModelsAsync, l => l.Count == Fleet.Small.Models, "the Model is gone");

        // What was changed was changed back: that counts.
        await Oracles.HoldAsync(Fleet.Small, world, running, faultFree: null);
        Assert.That(ClusterState.WithoutHistory(await ClusterState.ReadAsync(cluster)), Is.EqualTo(ClusterState.WithoutHistory(faultFree)));
    }

    [Test]
    public async Task Foreign_objects_of_the_names_that_children_would_have_are_never_touched()
    {
        var faultFree = await FaultFree.StateAsync(Fleet.Small);
        await using var world = await FaultWorld.StartAsync();
        var (cluster, client, ns) = (world.Cluster, world.Cluster.Client, world.Cluster.Namespace);
        var running = await world.StartOperatorAsync();
        await Fleet.Small.CreateAsync(cluster);
        await Fleet.Small.ReadyAsync(cluster);

        var (labels, source) = (new Dictionary<string, string> { ["app"] = "foreign" }, "https://models.example/foreign.gguf");
        var pod = new V1PodTemplateSpec { Metadata = new V1ObjectMeta { Labels = labels }, Spec = new V1PodSpec { Containers = [new V1Container { Name = "main", Image = "foreign:1" }] } };
        await client.AppsV1.CreateNamespacedDeploymentAsync(
            new V1Deployment { Metadata = Named("foreign-a"), Spec = new V1DeploymentSpec { Replicas = 0, Selector = new V1LabelSelector { MatchLabels = labels }, Template = pod } }, ns);
        await client.CoreV1.CreateNamespacedServiceAsync(new V1Service { Metadata = Named("foreign-b"), Spec = new V1ServiceSpec { Ports = [new V1ServicePort { Port = 1 }] } }, ns);
        await client.PolicyV1.CreateNamespacedPodDisruptionBudgetAsync(
            new V1PodDisruptionBudget { Metadata = Named("foreign-c"), Spec = new V1PodDisruptionBudgetSpec { MaxUnavailable = 0, Selector = new V1LabelSelector { MatchLabels = labels } } }, ns);
        var fetch = FetchJobBuilder.NameOf(CacheKey.Of(source));
        var job = new V1PodTemplateSpec { Spec = new V1PodSpec { RestartPolicy = "Never", Containers = pod.Spec.Containers } };
        await client.BatchV1.CreateNamespacedJobAsync(new V1Job { Metadata = Named(fetch), Spec = new V1JobSpec { Suspend = true, Template = job } }, ns);
        var foreign = await ForeignAsync();

        foreach (var name in s_conflicting) await cluster.CreateServiceAsync(name, Fleet.ModelName(0), s => s.Replicas = 2);
        await cluster.CreateModelAsync("foreign", source);
        foreach (var name in s_conflicting) await cluster.ServiceAsync(name, s => s.Phase == InferenceServicePhases.Failed && s.Conditions.IsTrue(ConditionTypes.NameConflict));
        await Eventually.SeeAsync(() => cluster.Models.ReadNamespacedAsync<Model>(ns, "foreign"), m => m.Status?.Conditions.IsTrue(ConditionTypes.NameConflict) == true, "the conflict is said");

        foreach (var name in s_conflicting) await cluster.DeleteServiceAsync(name);
        await cluster.DeleteModelAsync("foreign");
        await Eventually.SeeAsync(cluster.AllModelsAsync, l => l.Count == Fleet.Small.Models, "the Model is gone");
        await Oracles.IdleAsync(running.Operator);
        Assert.That(await ForeignAsync(), Is.EqualTo(foreign), "they are as they were");
        var writes = running.Proxy.Requests.All.Where(r => r.IsWrite && (s_conflicting.Contains(r.Name) || r.Name == fetch) && r.Resource is not (InferenceService.KubePluralName or Model.KubePluralName));
        Assert.That(writes, Is.Empty, "nothing was tried");

        await client.AppsV1.DeleteNamespacedDeploymentAsync("foreign-a", ns);
        await client.CoreV1.DeleteCollectionNamespacedServiceAsync(ns, fieldSelector: "metadata.name=foreign-b"); // A single deletion is answered with a Status, which the client does not expect.
        await client.PolicyV1.DeleteNamespacedPodDisruptionBudgetAsync("foreign-c", ns);
        await client.BatchV1.DeleteNamespacedJobAsync(fetch, ns, propagationPolicy: "Background");
        await Oracles.HoldAsync(Fleet.Small, world, running, faultFree);

        async Task<string> ForeignAsync() => string.Join(
            '\n',
            Wanted(await client.AppsV1.ReadNamespacedDeploymentAsync("foreign-a", ns), ns),
            Wanted(await client.CoreV1.ReadNamespacedServiceAsync("foreign-b", ns), ns),
            Wanted(await client.PolicyV1.ReadNamespacedPodDisruptionBudgetAsync("foreign-c", ns), ns),
            Wanted(await client.BatchV1.ReadNamespacedJobAsync(fetch, ns), ns));
    }

    private static V1ObjectMeta Named(string name) => new() { Name = name };

    // Changes a child, or deletes it, and sees it become what it was.
    private static async Task HealsAsync<T>(FaultWorld world, FaultProxy proxy, string name, object? change)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var (client, ns, kind) = (world.Cluster.Client, world.Cluster.Namespace, typeof(T).GetKubernetesTypeMetadata());
        using var objects = new GenericClient(client, kind.Group, kind.ApiVersion, kind.PluralName, disposeClient: false);
        var before = await objects.ReadNamespacedAsync<T>(ns, name);
        var mark = proxy.Requests.Count;
        if (change is null)
        {
            // It is gone when those who use it let it go.
            await client.CustomObjects.DeleteNamespacedCustomObjectAsync(kind.Group, kind.ApiVersion, ns, kind.PluralName, name, propagationPolicy: "Background");
            await Eventually.SeeAsync(FindAsync, now => now?.Metadata.Uid != before.Metadata.Uid, $"{kind.Kind} {name} is gone");
        }
        else
        {
            Assert.That(Wanted(await objects.PatchNamespacedAsync<T>(StoryCluster.Merge(change), ns, name), ns), Is.Not.EqualTo(Wanted(before, ns)), "it is changed");
        }

        var start = TimeProvider.System.GetTimestamp();
        await Eventually.SeeAsync(
            FindAsync, now => now is { Metadata.DeletionTimestamp: null } && Wanted(now, ns) == Wanted(before, ns) && (now.Metadata.Uid == before.Metadata.Uid) == (change is not null), $"{kind.Kind} {name} is as it was");
        Assert.That(TimeProvider.System.GetElapsedTime(start), Is.LessThan(s_healing), $"{kind.Kind} {name}");
        await Eventually.SeeAsync(() => Task.FromResult(proxy.Requests.CountOf(r => r.IsWrite && r.Resource == kind.PluralName, since: mark)), writes => writes > 0, "and it is the operator's work");

        async Task<T?> FindAsync()
        {
            try
            {
                return await objects.ReadNamespacedAsync<T>(ns, name);
            }
            catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }
        }
    }

    // An object without its status and history.
    private static string Wanted(IKubernetesObject<V1ObjectMeta> of, string ns)
    {
        var json = (JsonObject)JsonNode.Parse(ClusterState.WithoutHistory(ClusterState.Of(of, ns)))!;
        json.Remove("status");

        // A claim's annotations tell of its binding, which is the cluster's work and takes its time.
        if (of is V1PersistentVolumeClaim) ((JsonObject)json["metadata"]!).Remove("annotations");
        return json.ToJsonString();
    }
}
