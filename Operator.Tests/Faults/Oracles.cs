using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.Tests.Faults.Proxy;
using LlmKube.Operator.Tests.Metrics;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Faults;

/// <summary>What has to be so after every fault, once the fleet is Ready again.</summary>
internal static class Oracles
{
    // How long nothing may be written after convergence.
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(30);

    // How long the last retries of what went wrong may take until then.
    private static readonly TimeSpan s_calming = TimeSpan.FromSeconds(30);

    /// <summary>All of them.</summary>
    /// <param name="fleet">What was created, all of which has to become Ready.</param>
    /// <param name="world">Where.</param>
    /// <param name="leader">The operator that works.</param>
    /// <param name="faultFree">The state after a run without the fault; null: the story has another end than such a run.</param>
    public static async Task HoldAsync(Fleet fleet, FaultWorld world, FaultedOperator leader, string? faultFree)
    {
        await fleet.ReadyAsync(world.Cluster);
        await IdleAsync(leader.Operator);
        await RestsAsync(leader.Proxy);
        await ChildrenAsync(fleet, world.Cluster);
        await StatusAsync(world.Cluster);
        await MetricsAsync(fleet, world.Cluster, leader.Operator);
        if (faultFree is not null) Assert.That(await ClusterState.ReadAsync(world.Cluster), Is.EqualTo(faultFree), "it ends as without the fault");
        Unobserved.AssertNone();
    }

    /// <summary>Awaits that both controllers have nothing to do.</summary>
    public static Task IdleAsync(RunningOperator running) => Eventually.SeeAsync(
        running.MetricsAsync, m => RunningOperator.IsIdle(m, "model") && RunningOperator.IsIdle(m, "inferenceservice"), "the operator has nothing to do", TimeSpan.FromMilliseconds(200));

    /// <summary>Nothing but the Lease is written for a while. What still waits for its turn is in no queue that shows it, and may come shortly after convergence.</summary>
    /// <param name="proxy">Where writes are counted.</param>
    /// <param name="rest">For how long; null: 30 seconds.</param>
    public static async Task RestsAsync(FaultProxy proxy, TimeSpan? rest = null)
    {
        var start = TimeProvider.System.GetTimestamp();
        for (var mark = proxy.Requests.Count; await IsWrittenAsync(proxy, mark, rest ?? s_rest); mark = proxy.Requests.Count)
        {
            Assert.That(
                TimeProvider.System.GetElapsedTime(start),
                Is.LessThan(s_calming),
                () => $"written long after convergence: {string.Join(", ", proxy.Requests.Since(mark).Where(IsWrite).Select(r => $"{r.Verb} {r.Path} ({r.StatusCode})"))}");
        }
    }

    /// <summary>Each Model has the claim of its namespace, each InferenceService one of each child, owned by it and by nobody else; nothing else is there.</summary>
    public static async Task ChildrenAsync(Fleet fleet, StoryCluster cluster)
    {
        var (client, ns) = (cluster.Client, cluster.Namespace);
        var services = (await cluster.AllServicesAsync()).ToDictionary(s => s.Metadata.Name);
        Assert.That(services.Keys, Is.EquivalentTo(fleet.ServiceNames));
        AssertOwned((await client.AppsV1.ListNamespacedDeploymentAsync(ns)).Items, services.Values);
        AssertOwned((await client.CoreV1.ListNamespacedServiceAsync(ns)).Items.Where(s => s.Metadata.Name != "kubernetes"), services.Values);
        AssertOwned((await client.PolicyV1.ListNamespacedPodDisruptionBudgetAsync(ns)).Items, services.Values.Where(s => s.Spec.Replicas > 1));
        Assert.That((await client.CoreV1.ListNamespacedPersistentVolumeClaimAsync(ns)).Items, Has.Count.EqualTo(1), "one claim");
        Assert.That((await client.BatchV1.ListNamespacedJobAsync(ns)).Items, Is.Empty, "no fetch is left");
        var pods = (await client.CoreV1.ListNamespacedPodAsync(ns, labelSelector: Labels.Service)).Items.Where(p => p.Metadata.DeletionTimestamp is null);
        Assert.That(pods.Count(), Is.EqualTo(services.Values.Sum(s => s.Spec.Replicas)), "one pod a replica");
    }

    /// <summary>What the status says is so.</summary>
    public static async Task StatusAsync(StoryCluster cluster)
    {
        var deployments = (await cluster.Client.AppsV1.ListNamespacedDeploymentAsync(cluster.Namespace)).Items.ToDictionary(d => d.Metadata.OwnerReferences[0].Uid);
        foreach (var service in await cluster.AllServicesAsync())
        {
            var (status, made) = (service.Status, deployments[service.Metadata.Uid].Status);
            Assert.That(
                (status.ObservedGeneration, status.Replicas ?? 0, status.ReadyReplicas ?? 0),
                Is.EqualTo((service.Metadata.Generation, made.Replicas ?? 0, made.ReadyReplicas ?? 0)),
                service.Metadata.Name);
            Assert.That(status.Phase == InferenceServicePhases.Ready, Is.EqualTo(made.AvailableReplicas == service.Spec.Replicas), service.Metadata.Name);
        }

        var claim = (await cluster.Client.CoreV1.ListNamespacedPersistentVolumeClaimAsync(cluster.Namespace)).Items.SingleOrDefault();
        foreach (var model in (await cluster.AllModelsAsync()).Where(m => m.Metadata.DeletionTimestamp is null))
        {
            Assert.That(model.Status.ObservedGeneration, Is.EqualTo(model.Metadata.Generation), model.Metadata.Name);
            if (model.Status.Phase != ModelPhases.Ready) continue;
            Assert.That((model.Status.CacheKey, model.Status.CacheClaimUid), Is.EqualTo((CacheKey.Of(SourceIdentity.Of(model.Spec)), claim?.Metadata.Uid)), model.Metadata.Name);
        }
    }

    /// <summary>The metrics tell of the objects that there are, and of no others.</summary>
    public static async Task MetricsAsync(Fleet fleet, StoryCluster cluster, RunningOperator running)
    {
        var scrape = new Scrape(await running.MetricsAsync());
        Assert.That(scrape["llmkube_active_models_total"], Is.EqualTo(fleet.Models));
        Assert.That(scrape["llmkube_active_inferenceservices_total"], Is.EqualTo(fleet.Models * fleet.ServicesEach));
        var models = await cluster.AllModelsAsync();
        var services = await cluster.AllServicesAsync();
        Assert.That(
            scrape.Of("llmkube_model_status").Where(s => s.Value == 1).Select(s => s.Series),
            Is.EquivalentTo(models.Select(m => $"llmkube_model_status{{model=\"{m.Metadata.Name}\",namespace=\"{cluster.Namespace}\",phase=\"{m.Status.Phase}\"}}")));
        Assert.That(
            scrape.Of("llmkube_inferenceservice_phase").Where(s => s.Value == 1).Select(s => s.Series),
            Is.EquivalentTo(services.Select(s => $"llmkube_inferenceservice_phase{{inferenceservice=\"{s.Metadata.Name}\",namespace=\"{cluster.Namespace}\",phase=\"{s.Status.Phase}\"}}")));
        foreach (var service in services)
        {
            Assert.That(
                scrape.Of("llmkube_inferenceservice_replicas", $"inferenceservice=\"{service.Metadata.Name}\"", "state=\"ready\"").Single().Value,
                Is.EqualTo(service.Status.ReadyReplicas ?? 0),
                service.Metadata.Name);
        }
    }

    private static async Task<bool> IsWrittenAsync(FaultProxy proxy, int mark, TimeSpan within)
    {
        using var end = new CancellationTokenSource(within, TimeProvider.System);
        try
        {
            await proxy.Requests.WaitForAsync(IsWrite, since: mark, cancellation: end.Token);
            return true;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return false;
        }
    }

    private static bool IsWrite(RequestEntry request) => request is { Verb: "create" or "update" or "patch" or "delete" or "deletecollection", Resource: not "leases" };

    private static void AssertOwned<T>(IEnumerable<T> children, IEnumerable<InferenceService> services)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var owners = children.Select(c => (c.Metadata.Name, Owner: c.Metadata.OwnerReferences.Single().Uid));
        Assert.That(owners, Is.EquivalentTo(services.Select(s => (s.Metadata.Name, Owner: s.Metadata.Uid))), typeof(T).Name);
    }
}
