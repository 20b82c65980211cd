using System.Text.RegularExpressions;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Metrics;

/// <summary>Many objects come and go: series come and go with them.</summary>
public sealed partial class ChurnTests
{
    private const int Pairs = 200;

    // The others want no pods, of which no series depends.
    private const int WithPods = 20;

    // Each is fetched once, for the first of its Models.
    private const int Sources = 20;

    // One node, since the services share a claim that one node can mount.
    private static readonly NodeSpec s_large = NodeSpec.Sized("node-1") with
    {
        Allocatable = new Dictionary<string, string> { ["cpu"] = "1000", ["memory"] = "4Ti", ["ephemeral-storage"] = "4Ti", ["pods"] = "1000" },
    };

    [Test]
    public async Task Two_hundred_pairs_leave_no_series_behind_and_each_is_in_one_phase_at_any_time()
    {
        await using var cluster = await StoryCluster.StartAsync(new() { Nodes = [s_large] });
        var running = await cluster.StartOperatorAsync();
        await CreateAsync(cluster, 0);
        await ReadyAsync(1, 1);
        await DeleteAsync(cluster, 0);
        var baseline = await GoneAsync();

        await InParallelAsync(i => CreateAsync(cluster, i));
        var full = await ReadyAsync(Pairs, WithPods);
        Assert.That(full.Series.Count(s => s.Contains("inferenceservice=\"chat-17\"", StringComparison.Ordinal)), Is.EqualTo(21 + 13));
        await InParallelAsync(i => DeleteAsync(cluster, i));

        Assert.That((await GoneAsync()).Except(baseline), Is.Empty);

        Task<Scrape> ReadyAsync(int pairs, int withPods) => SeeAsync(
            s => s.Of("llmkube_model_status", "phase=\"Ready\"").Count(p => p.Value == 1) == pairs
                && s.Of("llmkube_inferenceservice_phase", "phase=\"Stopped\"").Count(p => p.Value == 1) == pairs - withPods
                && s.Of("llmkube_inferenceservice_ready_duration_seconds_count").Count() == withPods,
            "they have come up");

        async Task<IReadOnlyList<string>> GoneAsync() =>
            Lasting(await SeeAsync(s => s["llmkube_active_models_total"] == 0 && !s.Series.Any(n => n.Contains(cluster.Namespace, StringComparison.Ordinal)), "no series of an object is left"));

        // Not as often as elsewhere: reading so much text over and over would be most of the work.
        Task<Scrape> SeeAsync(Func<Scrape, bool> isSo, string what) => running.SeeAsync(
            scrape =>
            {
                AssertOnePhaseEach(scrape);
                return isSo(scrape);
            },
            what,
            every: TimeSpan.FromMilliseconds(300));
    }

    private static void AssertOnePhaseEach(Scrape scrape)
    {
        foreach (var family in (string[])["llmkube_model_status", "llmkube_inferenceservice_phase"])
        {
            var objects = scrape.Of(family).GroupBy(s => Phase().Replace(s.Series, ""), s => s.Value);
            Assert.That(objects.Where(o => o.Count(v => v == 1) != 1 || o.Any(v => v is not (0 or 1))).Select(o => o.Key), Is.Empty);
        }
    }

    // New answers of the API server are no series of an object: there are as many as there are codes and methods.
    private static IReadOnlyList<string> Lasting(Scrape scrape) => [.. scrape.Series.Where(s => !s.Contains("_requests_total{", StringComparison.Ordinal))];

    private static async Task CreateAsync(StoryCluster cluster, int i)
    {
        await cluster.CreateModelAsync($"model-{i}", $"https://models.example/{i % Sources}.gguf");
        await cluster.CreateServiceAsync($"chat-{i}", $"model-{i}", s => s.Replicas = i < WithPods ? 1 : 0);
    }

    private static async Task DeleteAsync(StoryCluster cluster, int i)
    {
        await cluster.DeleteServiceAsync($"chat-{i}");
        await cluster.DeleteModelAsync($"model-{i}");
    }

    private static Task InParallelAsync(Func<int, Task> work) =>
        Parallel.ForAsync(0, Pairs, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, _) => await work(i));

    [GeneratedRegex(",phase=\"[^\"]*\"")]
    private static partial Regex Phase();
}
