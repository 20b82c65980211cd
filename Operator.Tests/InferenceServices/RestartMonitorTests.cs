using System.Text;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Models;
using LlmKube.Operator.Tests.Metrics;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>By what cause restarts are counted.</summary>
public sealed class RestartMonitorTests
{
    private static readonly Dictionary<string, (V1ContainerStateTerminated? End, string Container, string Cause)> Ends = new()
    {
        ["a crash"] = (Of(1, "terminate called"), DeploymentBuilder.Container, Reasons.CrashLooping),
        ["a server that has nothing to serve"] = (Of(0, null, "Completed"), DeploymentBuilder.Container, "Completed"),
        ["too little main memory"] = (Of(137, null, "OOMKilled"), DeploymentBuilder.Container, Reasons.OOMKilled),
        ["too little memory of a GPU"] = (Of(1, "cudaMalloc failed: out of memory"), DeploymentBuilder.Container, Reasons.InsufficientGPUMemory),
        ["a driver that is too old"] = (Of(1, "CUDA driver version is insufficient for CUDA runtime version"), DeploymentBuilder.Container, Reasons.DriverIncompatible),
        ["a file that is gone"] = (Of(1, Golden.Read("LastWords/missing.log")), DeploymentBuilder.Container, Reasons.ModelMissing),
        ["a program that can't be begun"] = (Of(128, "exec: no such file", "StartError"), DeploymentBuilder.Container, Reasons.PodCreationFailed),
        ["a fetch of the pod's own that failed"] = (Of(ExitCodes.TryLater, "{}"), FetchContainer.Name, Reasons.DownloadFailed),
        ["one that was told to stop"] = (Of(ExitCodes.Interrupted, "{}"), FetchContainer.Name, Reasons.Interrupted),
        ["nobody knows"] = (null, DeploymentBuilder.Container, "Unknown"),
    };

    public static IEnumerable<string> Names => Ends.Keys;

    [TestCaseSource(nameof(Names))]
    public async Task They_are_counted_by_the_cause(string story)
    {
        var (end, container, cause) = Ends[story];
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var restarts = new RestartMonitor(new OperatorMetrics(registry));
        var pod = A.Pod("a");
        var status = pod.Status.ContainerStatuses[0];
        status.Name = container;
        restarts.Observe(A.Service(), [pod]);
        (status.RestartCount, status.LastState) = (2, new V1ContainerState { Terminated = end });

        restarts.Observe(A.Service(), [pod]);

        using var text = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(text);
        var counted = new Scrape(Encoding.UTF8.GetString(text.ToArray())).Of("llmkube_inferenceservice_restarts_total").ToList();
        Assert.That(counted.Where(s => s.Value > 0).Select(s => s.Value), Is.EqualTo(new[] { 2.0 }));
        Assert.That(counted.Single(s => s.Value > 0).Series, Does.Contain($"reason=\"{cause}\""));
        Assert.That(counted, Has.Count.LessThanOrEqualTo(4), "three from the beginning, and what has happened");
    }

    private static V1ContainerStateTerminated Of(int exitCode, string? message, string reason = "Error") => new() { ExitCode = exitCode, Message = message, Reason = reason };
}
