using System.CommandLine;
using LlmKube.Operator.Benchmarks.Downloading;
using LlmKube.Operator.Benchmarks.Micro;
using LlmKube.Operator.Benchmarks.Results;
using LlmKube.Operator.Benchmarks.Scale;
using LlmKube.Operator.Benchmarks.Scraping;
using LlmKube.Operator.Hosting;

namespace LlmKube.Operator.Benchmarks;

/// <summary>A part of what is measured.</summary>
internal enum BenchmarkPart
{
    /// <summary>Many pairs created at once.</summary>
    Pairs,

    /// <summary>Single creates, foreign pods, failover.</summary>
    Small,

    /// <summary>A scrape of a large fleet.</summary>
    Scrape,

    /// <summary>A fetch of a large file.</summary>
    Download,

    /// <summary>The parts of a reconcile.</summary>
    Micro,
}

/// <summary>The command line. Exit code 1: a target is missed, and stderr says which.</summary>
internal static class BenchmarkCommand
{
    private static readonly Option<FileInfo?> Kubeconfig = new("--kubeconfig")
    {
        Description = "The cluster of the scale run (default: one in this process whose pods only pretend to run). One without nodes gets controllers, scheduler and pretending nodes for the run. "
            + "The run has a namespace of its own and leaves nothing behind.",
    };

    private static readonly Option<int[]> Pairs = new("--pairs")
    {
        Description = "How many pairs of Model and InferenceService to create at once, each number in a run of its own",
        DefaultValueFactory = _ => [100, 500, 1_000, 5_000],
        CustomParser = given => [.. given.Tokens.SelectMany(t => t.Value.Split(',')).Select(int.Parse).Order()],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<BenchmarkPart[]> Only = new("--only")
    {
        Description = "Which parts to measure",
        DefaultValueFactory = _ => Enum.GetValues<BenchmarkPart>(),
        CustomParser = given => [.. given.Tokens.SelectMany(t => t.Value.Split(',')).Select(name => Enum.Parse<BenchmarkPart>(name, ignoreCase: true))],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<FileInfo> Program = new("--operator")
    {
        Description = "The operator's assembly that the scale run and the download start (default: as it was built along with this program)",
        DefaultValueFactory = _ => new(typeof(OperatorApplication).Assembly.Location),
    };

    private static readonly Option<int> Idle = new("--idle") { Description = "How many seconds to watch for writes once all is at rest", DefaultValueFactory = _ => 60 };

    private static readonly Option<FileInfo?> Output = new("--output") { Description = "Where to write the page with the results, beside stdout" };

    public static RootCommand Create()
    {
        var root = new RootCommand("Measures what has to be fast.") { Only, Pairs, Idle, Kubeconfig, Program, Output };
        root.SetAction((parsed, _) => RunAsync(
            parsed.GetValue(Only)!,
            parsed.GetValue(Pairs)!,
            new(parsed.GetValue(Kubeconfig)?.FullName, parsed.GetValue(Program)!.FullName, TimeSpan.FromSeconds(parsed.GetValue(Idle))),
            parsed.GetValue(Output)?.FullName));
        return root;
    }

    private static async Task<int> RunAsync(BenchmarkPart[] parts, int[] pairs, ScaleSetting setting, string? output)
    {
        var (page, targets, progress) = (new ResultPage(), new Targets(), new Progress());
        if (parts.Contains(BenchmarkPart.Pairs))
        {
            var results = new List<PairsResult>();
            foreach (var number in pairs) results.Add(await PairsRun.RunAsync(setting, number, progress));
            ScaleReport.Add(page, targets, results, setting.Idle);
        }

        if (parts.Contains(BenchmarkPart.Small)) ScaleReport.Add(page, targets, await SmallRun.RunAsync(setting, progress));
        if (parts.Contains(BenchmarkPart.Scrape)) await ScrapeBenchmark.RunAsync(page, targets);
        if (parts.Contains(BenchmarkPart.Download)) await DownloadBenchmark.RunAsync(page, targets, setting.OperatorProgram, progress);

        if (parts.Contains(BenchmarkPart.Micro)) MicroBenchmarks.Run(page, progress);

        var text = page.Write(targets, setting.Kubeconfig is null ? "the local one, in the process that measures" : "one that a kubeconfig named");
        if (output is not null) await File.WriteAllTextAsync(output, text);
        Console.Write(text);
        foreach (var missed in targets.Missed) progress.Say($"MISSED {missed}");
        return targets.Missed.Any() ? 1 : 0;
    }
}
