using BenchmarkDotNet.Attributes;
using LlmKube.Operator.Benchmarks.Scraping;
using LlmKube.Operator.Metrics;

namespace LlmKube.Operator.Benchmarks.Micro;

/// <summary>The gauges of a thousand pairs, from objects to text: what a scrape costs beside the counters.</summary>
[MemoryDiagnoser]
public class StateBenchmark
{
    private readonly ClusterState _state;

    /// <summary>Makes the pairs.</summary>
    public StateBenchmark()
    {
        var fleet = new Fleet(1_000);
        _state = new([.. fleet.Models], [.. fleet.Services], [.. fleet.Pods], (_, _) => null, DateTimeOffset.UnixEpoch);
    }

    /// <summary>All of it.</summary>
    [Benchmark(Description = "scrape: state of 1,000 pairs")]
    public Task WriteAsync() => StateGauges.WriteAsync(Stream.Null, _state, CancellationToken.None);
}
