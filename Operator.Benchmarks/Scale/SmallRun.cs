using System.Diagnostics;

namespace LlmKube.Operator.Benchmarks.Scale;

/// <summary>What can be told with few objects: latency of single creates, indifference to foreign pods, failover.</summary>
/// <param name="Latencies">From the request to create an InferenceService until a watch showed its Deployment, ascending.</param>
/// <param name="BeforePods">Memory before foreign pods came, in bytes.</param>
/// <param name="AfterPods">Memory afterwards.</param>
/// <param name="CpuOfPods">CPU time that the operator spent meanwhile.</param>
/// <param name="Failover">From the SIGKILL of the leader until the standby had made the Deployment of an InferenceService that came at that moment.</param>
internal sealed record SmallResult(IReadOnlyList<TimeSpan> Latencies, long BeforePods, long AfterPods, TimeSpan CpuOfPods, TimeSpan Failover)
{
    public TimeSpan Latency(double quantile) => Latencies[(int)(quantile * (Latencies.Count - 1))];
}

/// <inheritdoc cref="SmallResult"/>
internal static class SmallRun
{
    public const int Creates = 200;
    public const int ForeignPods = 10_000;

    private const string ModelName = "model";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task<SmallResult> RunAsync(ScaleSetting setting, Progress progress)
    {
        await using var cluster = await ScaleCluster.StartAsync(setting, Creates);
        await using var observer = await Observer.StartAsync(cluster.Configuration, cluster.Namespace);
        using var workload = new Workload(cluster);
        await using var first = OperatorProcess.Start(cluster);
        await first.ReadyAsync();
        await workload.CreateModelAsync(ModelName);
        await Until.TrueAsync(() => observer.Models.Ready == 1, "the Model is Ready", Patience);

        var latencies = new List<TimeSpan>();
        for (var i = 0; i < Creates; i++) latencies.Add(await DeployAsync($"single-{i}"));
        latencies.Sort();
        progress.Say($"{Creates} single creates: the median took {latencies[Creates / 2].TotalMilliseconds:F0} ms");
        await Until.TrueAsync(() => observer.Services.Ready == Creates, "all are Ready", Patience);

        var (before, cpu) = (first.Memory, first.Cpu);
        await workload.CreateForeignPodsAsync(ForeignPods);
        var (after, spent) = (first.Memory, first.Cpu - cpu);
        progress.Say($"{ForeignPods} foreign pods: from {before >> 20} to {after >> 20} MiB");

        await using var second = OperatorProcess.Start(cluster);
        await second.ReadyAsync();
        await first.KillAsync();
        var failover = await DeployAsync("after-the-kill");
        progress.Say($"failover: {failover.TotalSeconds:F1} s");
        return new(latencies, before, after, spent, failover);

        async Task<TimeSpan> DeployAsync(string name)
        {
            var start = Stopwatch.GetTimestamp();
            await workload.CreateServiceAsync(name, ModelName);
            await Until.TrueAsync(() => observer.Deployments.WhenSeen(name) is not null, $"{name} has a Deployment", Patience, TimeSpan.FromMilliseconds(1));
            return Stopwatch.GetElapsedTime(start, observer.Deployments.WhenSeen(name)!.Value);
        }
    }
}
