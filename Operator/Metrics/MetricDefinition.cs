using Prometheus;

namespace LlmKube.Operator.Metrics;

/// <summary>The types of metrics that we have.</summary>
internal enum MetricType
{
    /// <summary>Only grows.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>Counts observations in buckets.</summary>
    Histogram,
}

/// <summary>A metric: instruments are made from it, and so is its row in docs/metrics.md.</summary>
/// <param name="Type">What it can do.</param>
/// <param name="Name">Its name, with unit and suffix as Prometheus wants them.</param>
/// <param name="Help">What it says, in plain words. Of series that are not always there it also says when they come and when they go.</param>
/// <param name="Labels">The names of its labels, in their order.</param>
internal sealed record MetricDefinition(MetricType Type, string Name, string Help, params string[] Labels)
{
    /// <summary>The upper bounds of a histogram's buckets, without the last, which is infinite.</summary>
    public double[]? Buckets { get; init; }

    /// <summary>Makes the counter.</summary>
    public Counter Counter(IMetricFactory factory) => factory.CreateCounter(Name, Help, Labels);

    /// <summary>Makes the gauge.</summary>
    public Gauge Gauge(IMetricFactory factory) => factory.CreateGauge(Name, Help, Labels);

    /// <summary>Makes the histogram.</summary>
    public Histogram Histogram(IMetricFactory factory) => factory.CreateHistogram(Name, Help, Labels, new HistogramConfiguration { Buckets = Buckets });
}
