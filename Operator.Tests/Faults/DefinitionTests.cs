using System.Net;
using k8s;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Faults;

/// <summary>The definitions of our kinds come late, and go while the operator runs.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class DefinitionTests
{
    private static readonly string[] s_kinds = [Model.KubePluralName, InferenceService.KubePluralName];

    [Test]
    public async Task An_operator_waits_for_definitions_that_are_not_there_yet_and_lives_through_their_end_and_return()
    {
        var faultFree = await FaultFree.StateAsync(Fleet.Small);
        await using var world = await FaultWorld.StartAsync();
        var (cluster, proxy) = (world.Cluster, await world.StartProxyAsync());
        await RemoveAsync(cluster);
        var start = TimeProvider.System.GetTimestamp();
        var running = await world.StartOperatorAsync(proxy: proxy);
        foreach (var kind in s_kinds) await proxy.SeesAsync(r => r.Resource == kind && r is { Verb: "list", StatusCode: (int)HttpStatusCode.NotFound }, count: 3);
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        foreach (var kind in s_kinds) Assert.That(proxy.Requests.CountOf(r => r.Resource == kind), Is.LessThanOrEqualTo(1 + seconds), $"{kind} are asked for at most once a second");
        Assert.That((await running.Operator.GetAsync("/healthz", probes: true)).Status, Is.EqualTo(HttpStatusCode.OK), "no restart would help");

        await Installation.ApplyAsync(cluster.Client);
        await Fleet.Small.CreateAsync(cluster);
        await Fleet.Small.ReadyAsync(cluster);

        // With the definitions all objects go, and with those their children.
        var mark = proxy.Requests.Count;
        await RemoveAsync(cluster);
        foreach (var kind in s_kinds) await proxy.SeesAsync(r => r.Resource == kind && r is { Verb: "list" or "watch", StatusCode: (int)HttpStatusCode.NotFound }, since: mark);
        await Eventually.SeeAsync(() => cluster.Client.AppsV1.ListNamespacedDeploymentAsync(cluster.Namespace), l => l.Items.Count == 0, "the Deployments are gone");
        await Eventually.SeeAsync(() => cluster.Client.CoreV1.ListNamespacedServiceAsync(cluster.Namespace), l => l.Items.Count == 0, "the Services are gone");
        await Oracles.IdleAsync(running.Operator);
        Assert.That(await running.Operator.MetricsAsync(), Does.Contain("llmkube_active_models_total 0").And.Contain("llmkube_active_inferenceservices_total 0"));

        await Installation.ApplyAsync(cluster.Client);
        await Fleet.Small.CreateAsync(cluster);
        await Oracles.HoldAsync(Fleet.Small, world, running, faultFree);
    }

    private static async Task RemoveAsync(StoryCluster cluster)
    {
        var definitions = cluster.Client.ApiextensionsV1;
        foreach (var kind in s_kinds) await definitions.DeleteCustomResourceDefinitionAsync($"{kind}.{ApiGroup.Name}");
        await Eventually.SeeAsync(() => definitions.ListCustomResourceDefinitionAsync(), l => l.Items.All(d => d.Spec.Group != ApiGroup.Name), "the definitions are gone");
    }
}
