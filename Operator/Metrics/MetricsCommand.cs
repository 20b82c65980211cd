using System.CommandLine;
using LlmKube.Operator.Hosting;
using LlmKube.Operator.Options;
using Prometheus;

namespace LlmKube.Operator.Metrics;

/// <summary>The verb <c>metrics</c>: prints what <c>/metrics</c> serves, as Markdown; docs/metrics.md is its output.</summary>
internal static class MetricsCommand
{
    /// <summary>The verb for the program's root command.</summary>
    public static Command Create()
    {
        var command = new Command("metrics", "Prints a page about the metrics that this program serves, as Markdown.");
        command.SetAction(async (_, cancellationToken) => await Console.Out.WriteAsync(await DocumentAsync(cancellationToken)));
        return command;
    }

    private static async Task<string> DocumentAsync(CancellationToken cancellationToken)
    {
        // Composed as for work, so that every instrument is made, and not started.
        await using var app = OperatorApplication.Build(new OperatorOptions { MetricsBindAddress = BindAddress.Off, HealthProbeBindAddress = BindAddress.Off });
        var engine = app.Services.GetService<IReadOnlyList<Collector>>() ?? [];
        return MetricsDocument.Of(engine, await MetricsText.OfAsync(app.Services.GetRequiredService<CollectorRegistry>(), engine, cancellationToken));
    }
}
