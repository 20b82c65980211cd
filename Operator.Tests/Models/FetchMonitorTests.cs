using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Models;
using LlmKube.Operator.Tests.Metrics;
using Prometheus;

namespace LlmKube.Operator.Tests.Models;

/// <summary>What fetches transfer, counted once, whoever else looks at them.</summary>
[TestFixture]
internal sealed class FetchMonitorTests
{
    private static readonly FetchReport s_end = Seen.Complete() with { Transferred = 900, Resumes = 3 };

    private CollectorRegistry _registry = null!;
    private FetchMonitor _fetches = null!;

    [SetUp]
    public void Begin()
    {
        _registry = Prometheus.Metrics.NewCustomRegistry();
        _fetches = new(new OperatorMetrics(_registry));
    }

    [Test]
    public async Task A_Model_whose_pods_fetch_for_themselves_does_not_make_it_count_anew()
    {
        Model cached = Seen.Model(), own = Seen.Model("own");
        InferenceService[] services = [Ephemeral(own)];
        ModelSnapshot Cached(Func<ModelSnapshot, ModelSnapshot> with) => with(Seen.Of(cached) with { Siblings = [own], Services = services });
        var bystander = Seen.Of(own) with { ClaimName = null, Claim = null, Siblings = [cached], Services = services };

        _fetches.Observe(Cached(s => s));
        _fetches.Observe(bystander);
        _fetches.Observe(Cached(s => s.Running()));
        _fetches.Take(_fetches.Running().Single(), Situations.Reading(300) with { Resumes = 1 });
        _fetches.Observe(bystander);
        Assert.That(_fetches.Running(), Has.Count.EqualTo(1), "it is still followed");
        _fetches.Observe(Cached(s => s.Running()));
        _fetches.Take(_fetches.Running().Single(), Situations.Reading(400) with { Resumes = 1 });
        Assert.That(await CountedAsync(), Is.EqualTo((400, 1)));

        _fetches.Observe(bystander);
        _fetches.Observe(Cached(s => s.Succeeded(s_end)));
        _fetches.Observe(bystander);
        _fetches.Observe(Cached(s => s.Succeeded(s_end)));

        Assert.That(await CountedAsync(), Is.EqualTo((900, 3)));
    }

    [Test]
    public async Task A_fetch_is_counted_although_the_first_of_its_owners_wants_it_no_more()
    {
        Model gone = Seen.Model("a"), still = Seen.Model("b");
        var both = Seen.Of(still) with { Siblings = [gone] };
        var end = both.Succeeded(s_end) with { Services = [Ephemeral(gone)] };
        Assert.That(end.Job!.Metadata.OwnerReferences.Select(o => o.Name), Is.EqualTo(["a", "b"]));

        _fetches.Observe(both);
        _fetches.Observe(end);

        Assert.That(await CountedAsync(), Is.EqualTo((900, 3)));
    }

    [Test]
    public async Task Fetches_into_two_claims_count_each_for_itself()
    {
        var seen = Seen.Of(Seen.Model()) with { Services = [Seen.Service("first"), Seen.Service("second", spec: s => s.ModelCache = new ModelCacheSpec { ClaimName = "fast" })] };
        _fetches.Observe(seen.And("fast"));

        _fetches.Observe(seen.Succeeded(s_end).And("fast", f => f.Succeeded(s_end with { Transferred = 100, Resumes = 0 })));

        Assert.That(await CountedAsync(), Is.EqualTo((1000, 3)));
    }

    private static InferenceService Ephemeral(Model of) => Seen.Service($"of-{of.Metadata.Name}", of.Metadata.Name, s => s.ModelCache = new ModelCacheSpec { Persistence = CachePersistences.Ephemeral });

    private async Task<(double Bytes, double Resumes)> CountedAsync()
    {
        using var text = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(text);
        var scrape = new Scrape(System.Text.Encoding.UTF8.GetString(text.ToArray()));
        return (scrape["llmkube_model_download_bytes_total"]!.Value, scrape["llmkube_model_download_resumes_total"]!.Value);
    }
}
