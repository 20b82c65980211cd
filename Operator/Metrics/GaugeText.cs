using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace LlmKube.Operator.Metrics;

/// <summary>A series of a gauge, as it is at this moment.</summary>
/// <param name="Value">Its value.</param>
/// <param name="Labels">The values of its labels, in the order of the definition's names.</param>
internal readonly record struct GaugeSample(double Value, params string[] Labels);

/// <summary>
/// Writes gauges in Prometheus' text format while they are computed. The library would first keep an object of each series, of which there can be a hundred thousand, for the one scrape.
/// </summary>
internal static class GaugeText
{
    // In bytes: what is written so far goes on its way.
    private const int Enough = 16 * 1024;

    private static readonly SearchValues<char> s_special = SearchValues.Create('\\', '"', '\n');

    /// <summary>Writes one family.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="gauge">What it is.</param>
    /// <param name="samples">Its series, each once.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task WriteAsync(PipeWriter text, MetricDefinition gauge, IEnumerable<GaugeSample> samples, CancellationToken cancellationToken)
    {
        Write(text, $"# HELP {gauge.Name} {gauge.Help}\n# TYPE {gauge.Name} gauge\n");
        foreach (var sample in samples)
        {
            Write(text, gauge, sample);
            if (text.UnflushedBytes > Enough) await text.FlushAsync(cancellationToken);
        }
    }

    private static void Write(PipeWriter text, MetricDefinition gauge, GaugeSample sample)
    {
        Write(text, gauge.Name);
        for (var i = 0; i < gauge.Labels.Length; i++)
        {
            Write(text, i == 0 ? "{" : ",");
            Write(text, gauge.Labels[i]);
            Write(text, "=\"");
            Write(text, Escaped(sample.Labels[i]));
            Write(text, "\"");
        }

        Write(text, gauge.Labels.Length == 0 ? " " : "} ");
        Write(text, sample.Value.ToString(CultureInfo.InvariantCulture));
        Write(text, "\n");
    }

    private static string Escaped(string value) =>
        value.AsSpan().ContainsAny(s_special) ? value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n") : value;

    private static void Write(PipeWriter text, string words) => Encoding.UTF8.GetBytes(words, text);
}
