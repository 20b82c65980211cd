using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using CsCheck;
using LlmKube.Operator.Metrics;

namespace LlmKube.Operator.Tests.Metrics;

/// <summary>Gauges that are written without the library read as if it had written them.</summary>
public sealed class GaugeTextTests
{
    private static readonly Gen<(string A, string B, double Value)> s_series = Gen.Select(Gen.String.AlphaNumeric, Gen.String[Gen.Char["\\\"\n ,={}aé"], 0, 12], Gen.Double[-1e18, 1e18]);

    [Test]
    public Task Any_series_is_written_as_the_library_writes_it() => s_series.Array[0, 40].Select(all => all.DistinctBy(s => (s.A, s.B)).ToArray()).SampleAsync(async all =>
    {
        var gauge = new MetricDefinition(MetricType.Gauge, "of_two", "Has two labels.", "a", "b");
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var ofLibrary = gauge.Gauge(Prometheus.Metrics.WithCustomRegistry(registry));
        foreach (var (a, b, value) in all) ofLibrary.WithLabels(a, b).Set(value);
        using var theirs = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(theirs);

        var ours = await WriteAsync(gauge, [.. all.Select(s => new GaugeSample(s.Value, s.A, s.B))]);
        Assert.That(Lines(ours), Is.EquivalentTo(Lines(Encoding.UTF8.GetString(theirs.ToArray()))));
    });

    [Test]
    public async Task A_gauge_without_labels_is_one_line() =>
        Assert.That(await WriteAsync(MetricDefinitions.GpuQueueOldest, [new(1.5)]), Does.EndWith("# TYPE llmkube_gpu_queue_oldest_seconds gauge\nllmkube_gpu_queue_oldest_seconds 1.5\n"));

    [Test]
    public async Task More_than_a_buffer_holds_comes_whole()
    {
        var gauge = new MetricDefinition(MetricType.Gauge, "many", "Many.", "n");
        var text = await WriteAsync(gauge, [.. Enumerable.Range(0, 10_000).Select(i => new GaugeSample(i, $"{i}"))]);
        Assert.That(text.Split('\n')[2..^1], Is.EqualTo(Enumerable.Range(0, 10_000).Select(i => $"many{{n=\"{i}\"}} {i}")));
    }

    private static async Task<string> WriteAsync(MetricDefinition gauge, GaugeSample[] samples)
    {
        using var text = new MemoryStream();
        var writer = PipeWriter.Create(text, new StreamPipeWriterOptions(leaveOpen: true));
        await GaugeText.WriteAsync(writer, gauge, samples, CancellationToken.None);
        await writer.CompleteAsync();
        return Encoding.UTF8.GetString(text.ToArray());
    }

    /// <summary>The lines; of a series with its value as a number, which may be written in more than one way.</summary>
    private static IEnumerable<(string Series, double Value)> Lines(string text) =>
        from line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        let space = line.LastIndexOf(' ')
        select line[0] == '#' ? (line, 0) : (line[..space], double.Parse(line[(space + 1)..], CultureInfo.InvariantCulture));
}
