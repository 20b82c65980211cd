using System.Diagnostics;

namespace LlmKube.Operator.Benchmarks.Scale;

/// <summary>Many pairs at once: how long they take, what they cost, whether there is peace afterwards, and how an operator starts that finds them.</summary>
internal static class PairsRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    public static async Task<PairsResult> RunAsync(ScaleSetting setting, int pairs, Progress progress)
    {
        await using var cluster = await ScaleCluster.StartAsync(setting, pairs);
        await using var observer = await Observer.StartAsync(cluster.Configuration, cluster.Namespace);
        using var workload = new Workload(cluster);
        PairsResult first;
        await using (var working = OperatorProcess.Start(cluster))
        {
            await working.ReadyAsync();
            first = await CreateAsync(pairs, setting.Idle, working, observer, workload, progress);
        }

        return first with { Start = await StartAgainAsync(pairs, cluster, progress) };
    }

    private static async Task<PairsResult> CreateAsync(int pairs, TimeSpan idle, OperatorProcess working, Observer observer, Workload workload, Progress progress)
    {
        var before = await working.ScrapeAsync();
        using var self = Process.GetCurrentProcess();
        var others = self.TotalProcessorTime;
        var start = Stopwatch.GetTimestamp();
        var creating = workload.CreatePairsAsync(pairs);
        var children = Until.TrueAsync(
            () => observer.Deployments.Count >= pairs && observer.Endpoints.Count >= pairs && observer.Jobs.Count >= pairs && observer.Claims.Count >= 1, "all children are there", Patience);
        var ready = Until.TrueAsync(() => observer.Models.Ready == pairs && observer.Services.Ready == pairs, "all are Ready", Patience);
        while (await Task.WhenAny(ready, Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System)) != ready)
        {
            progress.Say($"{pairs} pairs: {observer.Models.Count} created, {observer.Jobs.Count} fetched, {observer.Deployments.Count} deployed, {observer.Services.Ready} Ready");
        }

        await creating;
        var result = new PairsResult
        {
            Pairs = pairs,
            Children = Stopwatch.GetElapsedTime(start, await children),
            Ready = Stopwatch.GetElapsedTime(start, await ready),
            Cpu = working.Cpu,
            CpuOfOthers = Refreshed(self).TotalProcessorTime - others,
            Peak = working.PeakMemory,
            PeakScraped = 0,
            Requests = (await working.ScrapeAsync()).RequestsSince(before),
            MostModelWrites = observer.Models.MostChanges,
            MostServiceWrites = observer.Services.MostChanges,
            IdleWrites = 0,
            Start = new(default, default, default, 0, 0),
        };
        progress.Say($"{pairs} pairs: children after {result.Children.TotalSeconds:F1} s, Ready after {result.Ready.TotalSeconds:F1} s, {result.Cpu.TotalSeconds:F1} s of CPU, {result.Peak >> 20} MiB; now for a rest");
        await observer.RestAsync(Quiet);
        var rest = await working.ScrapeAsync();
        await Task.Delay(idle, TimeProvider.System);
        return result with { PeakScraped = working.PeakMemory, IdleWrites = (await working.ScrapeAsync()).RequestsSince(rest).Writes() };
    }

    private static async Task<StartResult> StartAgainAsync(int pairs, ScaleCluster cluster, Progress progress)
    {
        await using var next = OperatorProcess.Start(cluster);
        var ready = await next.ReadyAsync();
        var drained = await next.DrainedAsync();
        var cpu = next.Cpu;
        await Task.Delay(Quiet, TimeProvider.System);
        var result = new StartResult(ready, drained, cpu, next.PeakMemory, (await next.ScrapeAsync()).Requests.Writes());
        progress.Say($"{pairs} pairs: the next operator is ready after {ready.TotalSeconds:F1} s and has seen them all after {drained.TotalSeconds:F1} s");
        return result;
    }

    private static Process Refreshed(Process process)
    {
        process.Refresh();
        return process;
    }
}
