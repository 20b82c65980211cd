using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Tests.Faults.Proxy;
using LlmKube.Operator.Tests.Metrics;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Faults;

/// <summary>Objects that are not what our types say, among others that change all the time.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PoisonTests
{
    private const int Rounds = 20;
    private const int MutationsEach = 100;
    private static readonly string[] s_models = [Fleet.ModelName(0), Fleet.ModelName(1)];
    private static readonly string[] s_services = [Fleet.ServiceName(0, 0), Fleet.ServiceName(0, 1), Fleet.ServiceName(1, 0)];

    [Test]
    public async Task Poison_degrades_itself_alone_while_2000_mutations_of_the_others_are_all_told_of_truly()
    {
        var faultFree = await FaultFree.StateAsync(Fleet.Small);
        await using var world = await FaultWorld.StartAsync();
        var (cluster, proxy) = (world.Cluster, await world.StartProxyAsync());

        // As if they had been stored under another schema: two that can't be decoded, two that can and lack what every decision needs.
        Poisoned[] poisons =
        [
            proxy.Add(new Poisoned(Model.KubePluralName, "model-3", o => o["spec"] = new JsonObject { ["source"] = new JsonObject() })),
            proxy.Add(new Poisoned(InferenceService.KubePluralName, "chat-3-1", o => o["spec"]!["replicas"] = "many")),
            proxy.Add(new Poisoned(Model.KubePluralName, "model-2", o => o["spec"] = null)),
            proxy.Add(new Poisoned(InferenceService.KubePluralName, "chat-1-1", o => o["spec"] = new JsonObject { ["modelRef"] = null })),
        ];
        var running = await world.StartOperatorAsync(proxy: proxy);
        await Fleet.Small.CreateAsync(cluster);
        foreach (var name in s_models) await cluster.ModelAsync(name, ModelPhases.Ready);
        foreach (var name in s_services) await cluster.ServiceAsync(name, s => s.Phase == InferenceServicePhases.Ready);
        await cluster.ServiceAsync(Fleet.ServiceName(3, 0), s => s.Conditions?.Any(c => c.Message.Contains("Model \"model-3\" can't be read")) == true);
        var models = (await cluster.AllModelsAsync()).ToDictionary(m => m.Metadata.Name, m => m.Spec);
        var services = (await cluster.AllServicesAsync()).ToDictionary(s => s.Metadata.Name, s => s.Spec);

        var (dice, taken, refused) = (new Random(18), 0, 0);
        var mutations = new Mutations(dice, s_models);
        for (var round = 1; round <= Rounds; round++)
        {
            for (var i = 0; i < MutationsEach; i++)
            {
                var isTaken = dice.Next(3) == 0
                    ? await TakesAsync(() => cluster.PatchModelAsync(s_models[dice.Next(s_models.Length)], mutations.OfModel()))
                    : await TakesAsync(() => cluster.PatchServiceAsync(s_services[dice.Next(s_services.Length)], mutations.OfService()));
                _ = isTaken ? taken++ : refused++;
            }

            await Eventually.SeeAsync(() => UntrueAsync(cluster), untrue => untrue.Count == 0, $"after round {round} every status is true", TimeSpan.FromMilliseconds(100));
        }

        Assert.That(new[] { taken, refused }, Has.All.GreaterThan(Rounds * MutationsEach / 5), "the API server takes some and refuses some");
        Assert.That(poisons.Select(p => p.Count), Has.All.GreaterThan(0));
        var scrape = new Scrape(await running.Operator.MetricsAsync());
        foreach (var controller in new[] { "model", "inferenceservice" })
        {
            var errors = scrape[$"controller_runtime_reconcile_total{{controller=\"{controller}\",result=\"error\"}}"];
            Assert.That(errors, Is.EqualTo(scrape[$"controller_runtime_terminal_reconcile_errors_total{{controller=\"{controller}\"}}"]), "nothing is tried again and again");
            Assert.That(errors, Is.Zero);
        }

        Assert.That(scrape.Of("llmkube_undecodable_objects").Where(s => s.Value > 0).Select(s => s.Value), Is.EqualTo(new[] { 1, 1 }), "one Model and one InferenceService");

        // The specs are as they were, and who was poison is so no more and is touched, so that it is told.
        foreach (var name in s_models) await RestoreAsync<Model>(cluster.Models, name, m => m.Spec = models[name]);
        foreach (var name in s_services) await RestoreAsync<InferenceService>(cluster.Services, name, s => s.Spec = services[name]);
        foreach (var poison in poisons) proxy.Remove(poison);
        foreach (var label in new[] { "cured", null })
        {
            var touch = StoryCluster.Merge(new { metadata = new { labels = new Dictionary<string, string?> { ["poison"] = label } } });
            foreach (var name in new[] { "model-2", "model-3" }) await cluster.Models.PatchNamespacedAsync<Model>(touch, cluster.Namespace, name);
            foreach (var name in new[] { "chat-1-1", "chat-3-1" }) await cluster.Services.PatchNamespacedAsync<InferenceService>(touch, cluster.Namespace, name);
        }

        await Oracles.HoldAsync(Fleet.Small, world, running, faultFree: null);
        Assert.That(ClusterState.WithoutHistory(await ClusterState.ReadAsync(cluster)), Is.EqualTo(ClusterState.WithoutHistory(faultFree)));

        async Task RestoreAsync<T>(GenericClient client, string name, Action<T> restore)
            where T : IKubernetesObject<V1ObjectMeta>
        {
            await Eventually.SeeAsync(
                async () =>
                {
                    var now = await client.ReadNamespacedAsync<T>(cluster.Namespace, name);
                    restore(now);
                    return await TakesAsync(() => client.ReplaceNamespacedAsync(now, cluster.Namespace, name), HttpStatusCode.Conflict);
                },
                isTaken => isTaken,
                $"{name} has its old spec");
        }
    }

    private static async Task<bool> TakesAsync(Func<Task> request, HttpStatusCode refusal = HttpStatusCode.UnprocessableEntity)
    {
        try
        {
            await request();
            return true;
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == refusal)
        {
            return false;
        }
    }

    // What the statuses say that isn't so, or don't say yet.
    private static async Task<IReadOnlyList<string>> UntrueAsync(StoryCluster cluster)
    {
        var models = (await cluster.AllModelsAsync()).ToDictionary(m => m.Metadata.Name);
        var deployments = (await cluster.Client.AppsV1.ListNamespacedDeploymentAsync(cluster.Namespace)).Items.ToDictionary(d => d.Metadata.Name);
        var untrue = new List<string>();
        foreach (var name in s_models)
        {
            var (spec, status) = (models[name].Spec, models[name].Status);
            var isAllowed = spec.Source.StartsWith("https://models.example/", StringComparison.Ordinal); // Not a path of the node, and a URL with a host.
            Check(name, "is of its generation", status.ObservedGeneration == models[name].Metadata.Generation);
            Check(name, $"of {spec.Source} is {status.Phase}", status.Phase == (isAllowed ? ModelPhases.Ready : ModelPhases.Failed));
            if (isAllowed) Check(name, "is of its source", status.CacheKey == CacheKey.Of(SourceIdentity.Of(spec)));
        }

        foreach (var service in (await cluster.AllServicesAsync()).Where(s => s_services.Contains(s.Metadata.Name)))
        {
            var (name, spec, status, deployment) = (service.Metadata.Name, service.Spec, service.Status, deployments.GetValueOrDefault(service.Metadata.Name));
            var model = models.GetValueOrDefault(spec.ModelRef);
            Check(name, "is of its generation", status.ObservedGeneration == service.Metadata.Generation);
            Check(name, "tells whether its model is ready", status.ModelReady == (s_models.Contains(spec.ModelRef) && model!.Status.Phase == ModelPhases.Ready));
            Check(name, "tells how many are wanted", status.DesiredReplicas == (spec.Replicas ?? 1));
            if (model?.Spec.Hardware?.Accelerator == Accelerators.Metal) continue; // An agent outside the cluster serves it.
            Check(name, "tells how many there are", (status.ReadyReplicas ?? 0) == (deployment?.Status?.ReadyReplicas ?? 0));
            if (status.Phase != InferenceServicePhases.Ready) continue;
            var args = deployment?.Spec.Template.Spec.Containers[0].Args ?? [];
            Check(name, "is Ready of its model", deployment?.Spec.Template.Metadata.Labels[Labels.Model] == spec.ModelRef);
            Check(name, "is Ready as often as is wanted", deployment?.Status?.AvailableReplicas == (spec.Replicas ?? 1));
            Check(name, "is Ready with its context", args.Contains("--ctx-size") == spec.ContextSize is not null);
        }

        return untrue;

        void Check(string name, string what, bool holds)
        {
            if (!holds) untrue.Add($"{name} {what}");
        }
    }
}
