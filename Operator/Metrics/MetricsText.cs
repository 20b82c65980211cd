using System.Text;
using Prometheus;

namespace LlmKube.Operator.Metrics;

/// <summary>A family of series as a scrape shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, in Prometheus' words.</param>
/// <param name="Help">What it says.</param>
/// <param name="Labels">The names of its labels, that of buckets left out.</param>
/// <param name="Buckets">The finite bounds of a histogram's buckets, as they are written.</param>
internal sealed record MetricFamily(string Name, string Type, string Help, IReadOnlyList<string> Labels, IReadOnlyList<string> Buckets);

/// <summary>Reads families back from what a scrape would be.</summary>
internal static class MetricsText
{
    private const string HelpMark = "# HELP ";
    private const string TypeMark = "# TYPE ";

    /// <summary>The families of a registry.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="bare">Instruments of it that may have no series yet; each gets one, from which labels and buckets can be read.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<IReadOnlyList<MetricFamily>> OfAsync(CollectorRegistry registry, IReadOnlyList<Collector> bare, CancellationToken cancellationToken)
    {
        foreach (var collector in bare) Begin(collector);
        using var text = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(text, cancellationToken);
        return Parse(Encoding.UTF8.GetString(text.ToArray()));
    }

    /// <summary>The families of a scrape, in its order.</summary>
    public static IReadOnlyList<MetricFamily> Parse(string scrape)
    {
        List<MetricFamily> families = [];
        foreach (var line in scrape.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line.StartsWith(HelpMark, StringComparison.Ordinal))
            {
                var (name, help) = Split(line[HelpMark.Length..]);
                families.Add(new MetricFamily(name, "", help, [], []));
            }
            else if (line.StartsWith(TypeMark, StringComparison.Ordinal))
            {
                families[^1] = families[^1] with { Type = Split(line[TypeMark.Length..]).Words };
            }
            else
            {
                families[^1] = WithLabelsOf(families[^1], line);
            }
        }

        return families;
    }

    private static MetricFamily WithLabelsOf(MetricFamily family, string sample)
    {
        var (open, close) = (sample.IndexOf('{', StringComparison.Ordinal), sample.LastIndexOf('}'));
        if (open < 0) return family;
        foreach (var pair in sample[(open + 1)..close].Split("\",", StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var (label, value) = (pair[..equals], pair[(equals + 1)..].Trim('"'));
            if (label != "le")
            {
                if (!family.Labels.Contains(label)) family = family with { Labels = [.. family.Labels, label] };
            }
            else if (value != "+Inf" && !family.Buckets.Contains(value))
            {
                family = family with { Buckets = [.. family.Buckets, value] };
            }
        }

        return family;
    }

    private static (string Name, string Words) Split(string text)
    {
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? (text, "") : (text[..space], text[(space + 1)..]);
    }

    private static void Begin(Collector collector)
    {
        string[] any = [.. collector.LabelNames.Select(_ => "any")];
        switch (collector)
        {
            case Counter counter:
                counter.WithLabels(any);
                break;
            case Gauge gauge:
                gauge.WithLabels(any);
                break;
            case Histogram histogram:
                histogram.WithLabels(any);
                break;
        }
    }
}
