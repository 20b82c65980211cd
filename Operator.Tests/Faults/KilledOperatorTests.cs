using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;
using LlmKube.Operator.Tests.Faults.Proxy;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Faults;

/// <summary>Programs that are killed in the middle of their work, and what the next ones make of it.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class KilledOperatorTests
{
    private const int Sources = 10;
    private const string Finalizer = "inference.llmkube.dev/modelcachefinalizer";
    private static readonly string[] s_foreign = ["backup.example/saved", "billing.example/counted", "audit.example/told", "mirror.example/dropped"];
    private static readonly ParallelOptions s_several = new() { MaxDegreeOfParallelism = 8 };

    // A service with a budget and one without: each kind of child once at least.
    private static readonly Fleet s_pair = new(1, 2);

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(5)]
    public async Task Operators_that_are_killed_one_after_the_other_after_so_many_writes_each_get_there_together(int writes)
    {
        var faultFree = await FaultFree.StateAsync(s_pair);
        await using var world = await FaultWorld.StartAsync();
        var proxy = await world.StartProxyAsync();
        await s_pair.CreateAsync(world.Cluster);
        var (kills, lives) = (0, 0);
        while (!await s_pair.IsReadyAsync(world.Cluster))
        {
            Assert.That(++lives, Is.LessThan(50), "they get nowhere");
            using var program = world.StartProgram(proxy);
            var left = writes;
            var death = proxy.Add(new Noticed(r => r.IsObjectWrite, (_, answer) => answer.Code < 300 && Interlocked.Decrement(ref left) == 0 ? program.KillAsync() : Task.CompletedTask));
            await Eventually.SeeAsync(async () => program.HasExited || await s_pair.IsReadyAsync(world.Cluster), over => over, "it is killed, or all is Ready", TimeSpan.FromMilliseconds(100));
            if (left <= 0) kills++;
            await program.KillAsync();
            proxy.Remove(death);
            Assert.That(program.Errors, Is.Empty);
        }

        Assert.That(kills, Is.GreaterThanOrEqualTo(Math.Max(1, 5 / writes)), "each has done a little");
        await Oracles.HoldAsync(s_pair, world, await world.StartOperatorAsync(proxy: proxy), faultFree);
    }

    [Test]
    public async Task Of_500_Models_with_5_finalizers_each_only_ours_are_taken_when_the_work_is_done_although_the_operator_is_killed_amid_it()
    {
        const int Count = 500;
        await using var world = await FaultWorld.StartAsync();
        var (cluster, proxy) = (world.Cluster, await world.StartProxyAsync());
        cluster.Rules.Add(Fetches.Endless);
        await Parallel.ForAsync(0, Count, s_several, async (i, cancel) => await cluster.Models.CreateNamespacedAsync(Held(i), cluster.Namespace, cancel));
        using var program = world.StartProgram(proxy);
        await ModelsAsync(cluster, models => models.All(m => Ours(m) && m.Status?.Phase == ModelPhases.Downloading), "all are being fetched");
        var jobs = await cluster.JobsAsync(j => j.Items.Sum(job => job.Metadata.OwnerReferences.Count) == Count, "each fetch belongs to all of its Models");
        Assert.That(jobs.Items, Has.Count.EqualTo(Sources));

        // All but one are deleted, and the operator dies when it has let go of some.
        var let = 0;
        var death = proxy.Add(new Noticed(r => r is { Verb: "patch", Resource: Model.KubePluralName }, (_, answer) => answer.Code < 300 && Interlocked.Increment(ref let) == Count / 5 ? program.KillAsync() : Task.CompletedTask));
        await Parallel.ForAsync(1, Count, s_several, async (i, _) => await cluster.DeleteModelAsync(Fleet.ModelName(i)));
        await program.ExitAsync();
        proxy.Remove(death);
        Assert.That(program.Errors, Is.Empty);
        var amid = await cluster.AllModelsAsync();
        Assert.That(amid.Count(m => !Ours(m)), Is.InRange(Count / 5, Count - 2), "it was killed amid the cleanup");
        foreach (var job in (await cluster.Client.BatchV1.ListNamespacedJobAsync(cluster.Namespace)).Items.Where(j => j.Metadata.DeletionTimestamp is null))
        {
            Assert.That(amid.Where(m => job.Metadata.Name == FetchJobBuilder.NameOf(CacheKey.Of(SourceIdentity.Of(m.Spec)))).Any(Ours), Is.True, $"{job.Metadata.Name} runs on for nobody");
        }

        // The next one does the rest, and that alone: foreign finalizers hold what they held.
        var running = await world.StartOperatorAsync(proxy: proxy);
        var held = await ModelsAsync(cluster, models => models.All(m => Ours(m) == (m.Metadata.DeletionTimestamp is null)), "ours are gone from all that are deleted");
        Assert.That(held, Has.Count.EqualTo(Count));
        Assert.That(held.Select(m => m.Metadata.Finalizers.Where(f => f != Finalizer)), Has.All.EqualTo(s_foreign), "foreign ones are kept, in their order");
        await Oracles.IdleAsync(running.Operator);
        await Oracles.RestsAsync(proxy);
        await Oracles.StatusAsync(cluster);
        await Oracles.MetricsAsync(new Fleet(Count, 0), cluster, running.Operator);
        var lasting = await cluster.JobsAsync(j => j.Items.Count == 1, "the fetches of those that are deleted are gone");
        Assert.That(lasting.Items[0].Metadata.Name, Is.EqualTo(FetchJobBuilder.NameOf(CacheKey.Of(Source(0)))));

        // The last Model takes its fetch along; what was fetched stays in the cache.
        await cluster.DeleteModelAsync(Fleet.ModelName(0));
        await cluster.JobsAsync(j => j.Items.Count == 0, "the last fetch is gone");
        await ModelsAsync(cluster, models => !models.Any(Ours), "ours are gone");
        await Parallel.ForAsync(0, Count, s_several, async (i, _) => await LetGoAsync(cluster, i));
        await ModelsAsync(cluster, models => models.Count == 0, "those whose finalizers have held them let go");
        await Oracles.IdleAsync(running.Operator);
        await Oracles.MetricsAsync(new Fleet(0, 0), cluster, running.Operator);
        Assert.That((await cluster.Client.CoreV1.ListNamespacedPersistentVolumeClaimAsync(cluster.Namespace)).Items.Select(c => c.Metadata.Name), Is.EqualTo(new[] { CacheDefaults.ClaimName }));
        Unobserved.AssertNone();
    }

    private static string Source(int model) => $"https://models.example/source-{model % Sources}.gguf";

    // Every other one has ours already, amid the foreign ones, as one that was restored from a backup.
    private static Model Held(int model) => new()
    {
        Metadata = new V1ObjectMeta { Name = Fleet.ModelName(model), Finalizers = model % 2 == 0 ? [.. s_foreign] : [.. s_foreign[..2], Finalizer, .. s_foreign[2..]] },
        Spec = new ModelSpec { Source = Source(model) },
    };

    private static bool Ours(Model model) => model.Metadata.Finalizers?.Contains(Finalizer) == true;

    private static Task<IList<Model>> ModelsAsync(StoryCluster cluster, Func<IList<Model>, bool> isSo, string what) => Eventually.SeeAsync(cluster.AllModelsAsync, isSo, what, TimeSpan.FromMilliseconds(500));

    private static Task LetGoAsync(StoryCluster cluster, int model) => cluster.Client.CustomObjects.PatchNamespacedCustomObjectAsync(
        StoryCluster.Merge(new { metadata = new Dictionary<string, object?> { ["finalizers"] = null } }), ApiGroup.Name, ApiGroup.Version, cluster.Namespace, Model.KubePluralName, Fleet.ModelName(model));
}
