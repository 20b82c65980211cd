using System.Net;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using LlmKube.Operator.Benchmarks.Results;

namespace LlmKube.Operator.Benchmarks.Micro;

/// <summary>Runs BenchmarkDotNet on the parts of a reconcile, in this process and with short jobs.</summary>
internal static class MicroBenchmarks
{
    private static readonly Type[] s_all = [typeof(QueueBenchmark), typeof(DecideBenchmark), typeof(ApplyDiffBenchmark), typeof(StateBenchmark)];

    /// <summary>Measures.</summary>
    public static void Run(ResultPage page, Progress progress)
    {
        var folder = Directory.CreateTempSubdirectory("bench-");
        try
        {
            var config = ManualConfig.CreateEmpty()
                .AddJob(Job.ShortRun.WithToolchain(InProcessNoEmitToolchain.Instance))
                .AddColumn(TargetMethodColumn.Method, StatisticColumn.Mean, StatisticColumn.Error)
                .AddColumnProvider(DefaultColumnProviders.Metrics)
                .WithArtifactsPath(folder.FullName)
                .WithOptions(ConfigOptions.JoinSummary);
            progress.Say("micro-benchmarks");
            var log = new AccumulationLogger();
            foreach (var summary in BenchmarkRunner.Run(s_all, config)) MarkdownExporter.GitHub.ExportToLog(summary, log);
            var table = WebUtility.HtmlDecode(string.Join('\n', log.GetLog().Split('\n').Where(l => l.StartsWith('|'))));
            page.Add("Parts of a reconcile", $"BenchmarkDotNet, short runs, after warm-up.\n\n{table}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
