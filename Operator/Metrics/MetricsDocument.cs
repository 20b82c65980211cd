using System.Globalization;
using System.Text;
using LlmKube.Operator.Entities;
using Prometheus;

namespace LlmKube.Operator.Metrics;

/// <summary>Writes docs/metrics.md.</summary>
internal static class MetricsDocument
{
    private const string Intro = """
        # Metrics

        <!-- Generated from the definitions in the code: `make generate` writes this file, `make verify` fails if it is stale. -->

        What the operator serves at `/metrics`. Counters and histograms are of the process that is asked. Gauges of Models and InferenceServices are computed at each
        scrape from the objects themselves, by the leader alone and once it knows all of them; what is said per object vanishes with it. Names and labels of
        the ten metrics of the Go operator (LLMKube) are as they were there. `promtool check metrics` objects to two of them, and to nothing else:
        `llmkube_active_models_total` and `llmkube_active_inferenceservices_total`, gauges with the name of a counter, are kept for the dashboards that use them.

        """;

    private const string Engine = """
        ## The machinery

        Under the names of controller-runtime and client-go wherever these have one, so that their dashboards and alerts work. `controller` is the kind that a controller
        reconciles, in lower case (`model`, `inferenceservice`, and those that are only watched: `deployment`, `job`, `pod` and others). Series of controllers are
        there from the start; those of requests appear with the first request of their kind, that of the lease only with `--leader-elect`.

        """;

    private const string Process = """
        ## The process

        As prometheus-net gives them.

        """;

    /// <summary>The page.</summary>
    /// <param name="engine">The engine's instruments.</param>
    /// <param name="served">All families of the registry, the engine's and the process' among them.</param>
    public static string Of(IReadOnlyList<Collector> engine, IReadOnlyList<MetricFamily> served)
    {
        var page = new StringBuilder(Intro);
        foreach (var (about, metrics) in MetricDefinitions.Groups) Table(page.Append(Invariant($"\n## {about}\n\n")), metrics.Select(FamilyOf));
        var ours = MetricDefinitions.Groups.SelectMany(g => g.Metrics).Select(m => m.Name).ToHashSet();
        var engines = engine.Select(c => c.Name).ToHashSet();
        Table(page.Append('\n').Append(Engine).Append('\n'), Ordered(served.Where(f => engines.Contains(f.Name))));
        Table(page.Append('\n').Append(Process).Append('\n'), Ordered(served.Where(f => !engines.Contains(f.Name) && !ours.Contains(f.Name))));
        return page.Append('\n').Append(Budget()).ToString().ReplaceLineEndings("\n");
    }

    private static void Table(StringBuilder page, IEnumerable<MetricFamily> families)
    {
        page.Append("| name | type | labels | meaning |\n|---|---|---|---|\n");
        foreach (var family in families)
        {
            var labels = family.Labels.Count == 0 ? "" : $"`{string.Join("`, `", family.Labels)}`";
            var buckets = family.Buckets.Count == 0 ? "" : $" Buckets: {string.Join(", ", family.Buckets)}.";
            page.Append(Invariant($"| `{family.Name}` | {family.Type} | {labels} | {family.Help.Replace("|", "\\|", StringComparison.Ordinal).TrimEnd('.')}.{buckets} |\n"));
        }
    }

    private static MetricFamily FamilyOf(MetricDefinition metric) => new(
        metric.Name,
        metric.Type.ToString().ToLowerInvariant(),
        metric.Help,
        metric.Labels,
        [.. (metric.Buckets ?? []).Select(b => b.ToString(CultureInfo.InvariantCulture))]);

    private static IEnumerable<MetricFamily> Ordered(IEnumerable<MetricFamily> families) => families.OrderBy(f => f.Name, StringComparer.Ordinal);

    private static string Budget()
    {
        var (phases, statuses) = (ModelPhases.All.Count, StateGauges.ConditionStatuses.Count);
        var (model, service) = (phases + 1, InferenceServicePhases.All.Count + 3 + (2 * statuses) + 2 + OperatorMetrics.CommonEnds.Count);
        var (download, ready, wait) = (Series(MetricDefinitions.ModelDownloadDuration), Series(MetricDefinitions.ServiceReadyDuration), Series(MetricDefinitions.GpuQueueWait));
        return Invariant($"""
            ## How many series

            | for each | series | of which |
            |---|---|---|
            | Model | {model} | {phases} phases, its size; 2 more while it is being fetched |
            | InferenceService | {service} | {InferenceServicePhases.All.Count} phases, 3 replicas, {statuses} for each of its conditions (2 at rest, 4 with a GPU, 8 at most), GPUs, the share of layers on them once it is known, info, {OperatorMetrics.CommonEnds.Count} reasons of restarts |
            | Model that has been fetched | {download} | the histogram of its download |
            | InferenceService that has been Ready | {ready} | the histogram of its time to Ready; {wait} more if it has waited for a GPU |
            | namespace | {Series(MetricDefinitions.ServiceRolloutDuration) + 3} | the histogram of its rollouts, its queue for GPUs, bytes and artefacts of its cache |

            A Model with its InferenceService costs {model + service} series at rest, and {download + ready} more for the two histograms that have one label set per object, as they had in the Go
            operator: {model + service + download + ready} in all, or {(model + service + download + ready) * 1000:N0} for a thousand pairs. Everything else is a fixed number for each controller and watched kind. Who has many more
            objects, and no use for the histograms per object, drops them when scraping (`metricRelabelings`) and keeps the one of rollouts, which is per namespace.

            """);
    }

    private static int Series(MetricDefinition histogram) => histogram.Buckets!.Length + 3; // the infinite bucket, sum and count

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
