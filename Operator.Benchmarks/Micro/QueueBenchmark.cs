using BenchmarkDotNet.Attributes;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Queue;
using LlmKube.Operator.Engine.Timing;

namespace LlmKube.Operator.Benchmarks.Micro;

/// <summary>The work queue: each of a thousand keys is added, added once more, taken and done.</summary>
[MemoryDiagnoser]
public class QueueBenchmark : IDisposable
{
    private const int Keys = 1_000;
    private readonly ObjectKey[] _keys = [.. Enumerable.Range(0, Keys).Select(i => new ObjectKey("team", $"chat-{i}"))];
    private readonly WorkQueue<ObjectKey> _queue = new(TimeProvider.System, new Dice(new Random(1)));

    /// <summary>Per key.</summary>
    [Benchmark(Description = "queue: add twice, take, done", OperationsPerInvoke = Keys)]
    public async Task RunAsync()
    {
        foreach (var key in _keys) _queue.Add(key);
        foreach (var key in _keys) _queue.Add(key, Trigger.Dependency);
        for (var i = 0; i < Keys; i++) _queue.Done((await _queue.TakeAsync(CancellationToken.None)).Key);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _queue.Dispose();
        GC.SuppressFinalize(this);
    }
}
