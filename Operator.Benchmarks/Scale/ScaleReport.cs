using System.Globalization;
using System.Text;
using LlmKube.Operator.Benchmarks.Results;

namespace LlmKube.Operator.Benchmarks.Scale;

/// <summary>Writes of a scale run what it found and whether that is good enough.</summary>
internal static class ScaleReport
{
    private const double Mebi = 1024 * 1024;
    private const double Kibi = 1024;
    private const int TargetPairs = 500;
    private const int ExistingPairs = 1_000;

    /// <summary>The parts about many pairs.</summary>
    /// <param name="page">Gets the parts.</param>
    /// <param name="targets">Get what has to be so.</param>
    /// <param name="results">What was found, by number of pairs.</param>
    /// <param name="idle">How long writes at rest were counted.</param>
    public static void Add(ResultPage page, Targets targets, IReadOnlyList<PairsResult> results, TimeSpan idle)
    {
        page.Add("Pairs created at once", $"""
            So many Models (each of a source of its own) and InferenceServices (each on one GPU) are created by 16 clients at once, in one namespace, while the operator runs; one claim is shared by all.
            Fetches and servers only pretend to run, and need no time for it. CPU and memory are those of the operator's process alone, from its start; "others" is the CPU time of the process that holds the
            cluster (where that is the local one), creates and watches, on the same cores. Children are Deployment, Service and fetch Job of each, and the claim.

            {Table(results,
                ("children there, s", r => F(r.Children.TotalSeconds, 1)),
                ("all Ready, s", r => F(r.Ready.TotalSeconds, 1)),
                ("CPU, s", r => F(r.Cpu.TotalSeconds, 1)),
                ("CPU per pair, ms", r => F(r.Cpu.TotalMilliseconds / r.Pairs, 1)),
                ("CPU of others, s", r => F(r.CpuOfOthers.TotalSeconds, 1)),
                ("peak memory, MiB", r => F(r.Peak / Mebi, 0)),
                ("peak memory when scraped, MiB", r => F(r.PeakScraped / Mebi, 0)),
                ("writes per Model, mean", r => F(r.WritesPerModel, 2)),
                ("writes per InferenceService, mean", r => F(r.WritesPerService, 2)),
                ("writes to one Model itself, most", r => F(r.MostModelWrites, 0)),
                ("writes to one InferenceService itself, most", r => F(r.MostServiceWrites, 0)),
                ($"writes in {F(idle.TotalSeconds, 0)} s at rest", r => F(r.IdleWrites, 0)))}

            Writes are those from creation to Ready: for a Model to itself, its Job and the claim, for an InferenceService to itself, its Deployment and its Service; Events and the Lease aside. Rest begins when
            nothing has changed for five seconds.
            """);
        page.Add("Requests", $"""
            Requests of the operator per pair, from creation to Ready, by its own count (`llmkube_api_requests_total`).

            {RequestTable(results)}
            """);
        page.Add("Start among existing pairs", $"""
            An operator that starts when all of this is there: from the start of its process until `/readyz` says so, and until it has looked at every object once and all its queues are empty.

            {Table(results,
                ("ready, s", r => F(r.Start.Ready.TotalSeconds, 2)),
                ("queues empty, s", r => F(r.Start.Drained.TotalSeconds, 2)),
                ("CPU, s", r => F(r.Start.Cpu.TotalSeconds, 1)),
                ("peak memory when scraped, MiB", r => F(r.Start.Peak / Mebi, 0)),
                ("writes", r => F(r.Start.Writes, 0)))}
            """);
        Judge(targets, results);
    }

    /// <summary>The parts about few objects.</summary>
    public static void Add(ResultPage page, Targets targets, SmallResult result)
    {
        page.Add("Single creates", $"""
            {SmallRun.Creates} InferenceServices of one Ready Model, one after the other: from the request until a watch shows the Deployment. The first ones meet an operator that has just started.

            | p50, ms | p90, ms | p99, ms | most, ms |
            |---|---|---|---|
            | {F(result.Latency(0.5).TotalMilliseconds, 1)} | {F(result.Latency(0.9).TotalMilliseconds, 1)} | {F(result.Latency(0.99).TotalMilliseconds, 1)} | {F(result.Latency(1).TotalMilliseconds, 1)} |
            """);
        page.Add("Foreign pods", $"""
            {SmallRun.ForeignPods:N0} pods that are not ours come into the operator's namespace: it has {F(result.BeforePods / Mebi, 0)} MiB resident before and {F(result.AfterPods / Mebi, 0)} MiB afterwards, and spends
            {F(result.CpuOfPods.TotalSeconds, 2)} s of CPU time meanwhile.
            """);
        page.Add("Failover", $"""
            The leader is killed (SIGKILL) while another operator stands by, and an InferenceService is created at that moment: its Deployment is there after {F(result.Failover.TotalSeconds, 1)} s. The lease lasts 15 s.
            """);
        targets.AtMost("p50 of create to Deployment", 30, result.Latency(0.5).TotalMilliseconds, "ms", 1);
        targets.AtMost("failover", 17, result.Failover.TotalSeconds, "s", 1);
    }

    private static void Judge(Targets targets, IReadOnlyList<PairsResult> results)
    {
        if (results.FirstOrDefault(r => r.Pairs == TargetPairs) is { } at)
        {
            targets.AtMost($"writes per Model, {at.Pairs} pairs", 6, at.WritesPerModel, "", 2);
            targets.AtMost($"writes per InferenceService, {at.Pairs} pairs", 6, at.WritesPerService, "", 2);
            targets.AtMost($"children there, {at.Pairs} pairs (a quarter of the Go operator's 58 s)", 58 / 4.0, at.Children.TotalSeconds, "s", 1);
            targets.AtMost($"CPU, {at.Pairs} pairs (the Go operator's, which it needed until the children were there)", 18.9, at.Cpu.TotalSeconds, "s", 1);
            targets.AtMost($"peak memory, {at.Pairs} pairs", 150, at.PeakScraped / Mebi, "MiB");
            if (results[^1] is { } most && most.Pairs > at.Pairs)
            {
                targets.AtMost($"memory per further object, up to {most.Pairs} pairs", 15, (most.Peak - at.Peak) / Kibi / (2 * (most.Pairs - at.Pairs)), "KiB", 1);
                targets.AtMost($"CPU per pair, {most.Pairs} pairs against {at.Pairs}", 1.25, most.Cpu / most.Pairs / (at.Cpu / at.Pairs), "times", 2);
                targets.AtMost($"time to Ready per pair, {most.Pairs} pairs against {at.Pairs}", 1.25, most.Ready / most.Pairs / (at.Ready / at.Pairs), "times", 2);
            }
        }

        targets.AtMost("writes at rest", 0, results.Max(r => r.IdleWrites), "");
        targets.AtMost("writes at a start among existing pairs", 0, results.Max(r => r.Start.Writes), "");
        if (results.FirstOrDefault(r => r.Pairs == ExistingPairs) is { } existing) targets.AtMost($"start to ready among {existing.Pairs} pairs", 2, existing.Start.Ready.TotalSeconds, "s", 2);
    }

    private static string Table(IReadOnlyList<PairsResult> results, params ReadOnlySpan<(string Title, Func<PairsResult, string> Cell)> rows)
    {
        var table = Head(results);
        foreach (var (title, cell) in rows) Row(table, title, results.Select(cell));
        return table.ToString().Trim();
    }

    private static string RequestTable(IReadOnlyList<PairsResult> results)
    {
        var table = Head(results);
        var kinds = results.SelectMany(r => r.Requests.Keys).Where(k => k.Resource != "leases").Distinct().OrderBy(k => k.Resource, StringComparer.Ordinal).ThenBy(k => k.Verb, StringComparer.Ordinal);
        foreach (var kind in kinds) Row(table, $"{kind.Verb} {kind.Resource}", results.Select(r => F(r.Requests.GetValueOrDefault(kind) / r.Pairs, 2)));
        return table.ToString().Trim();
    }

    private static StringBuilder Head(IReadOnlyList<PairsResult> results)
    {
        var table = new StringBuilder();
        Row(table, "pairs", results.Select(r => r.Pairs.ToString("N0", CultureInfo.InvariantCulture)));
        return table.Append("|---|").Append(string.Concat(Enumerable.Repeat("---:|", results.Count))).Append('\n');
    }

    private static void Row(StringBuilder table, string title, IEnumerable<string> cells) => table.Append("| ").Append(title).Append(" | ").AppendJoin(" | ", cells).Append(" |\n");

    private static string F(double value, int digits) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);
}
