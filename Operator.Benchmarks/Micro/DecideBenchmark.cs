using BenchmarkDotNet.Attributes;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.Benchmarks.Micro;

/// <summary>What to do about objects at rest: the commonest decision.</summary>
[MemoryDiagnoser]
public class DecideBenchmark
{
    private readonly ModelSnapshot _model = Samples.SeenModel();
    private readonly ServiceSnapshot _service = Samples.SeenService();

    /// <summary>A Ready Model.</summary>
    [Benchmark(Description = "decide: Model")]
    public object Model() => ModelDecider.Decide(_model);

    /// <summary>A Ready InferenceService.</summary>
    [Benchmark(Description = "decide: InferenceService")]
    public object Service() => ServiceDecider.Decide(_service);
}
