using System.Text.Json.Nodes;
using BenchmarkDotNet.Attributes;
using k8s;
using k8s.Models;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Benchmarks.Micro;

/// <summary>Whether an apply would change anything, of a Deployment that is as it should be; and what comes with every event of it.</summary>
[MemoryDiagnoser]
public class ApplyDiffBenchmark
{
    private readonly V1Deployment _deployment = Samples.Deployment();
    private readonly ResourceType _type = ResourceType.Of<V1Deployment>();
    private JsonObject _desired = [];
    private JsonObject _observed = [];
    private byte[] _json = [];

    /// <summary>Makes the JSON.</summary>
    [GlobalSetup]
    public void Prepare() => (_json, _desired, _observed) = (WireFormat.Encode(_deployment), Parse(), Parse());

    /// <summary>The comparison.</summary>
    [Benchmark(Description = "apply diff: a Deployment, no difference")]
    public string? Difference() => ApplyDiff.FirstDifference(_desired, _observed, FieldManagers.Operator);

    /// <summary>The comparison with what it takes to come to it.</summary>
    [Benchmark(Description = "apply diff: the same with the objects' JSON")]
    public string? DifferenceOfObjects() => ApplyDiff.FirstDifference(Parse(), Parse(), FieldManagers.Operator);

    /// <summary>From the bytes of a watch to the object.</summary>
    [Benchmark(Description = "decode a Deployment")]
    public object Decode() => WireFormat.Decode<V1Deployment>(_json, _type);

    /// <summary>The copy that a controller gets.</summary>
    [Benchmark(Description = "copy a Deployment")]
    public object Copy() => WireFormat.Copy(_deployment);

    private JsonObject Parse() => (JsonObject)JsonNode.Parse(KubernetesJson.Serialize(_deployment))!;
}
