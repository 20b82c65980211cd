using System.Diagnostics;
using LlmKube.Operator.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;

namespace LlmKube.Operator.Tracing;

/// <summary>Exports spans, counts the batches that did not arrive, and says so now and then. They are lost: a collector that is away costs no memory.</summary>
internal sealed class MeasuredExporter(OtlpExporterOptions options, OperatorMetrics metrics, TimeProvider time, ILogger<MeasuredExporter> logger) : OtlpTraceExporter(options)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    // One thread exports.
    private readonly ExportTroubles _troubles = new();
    private readonly Uri _endpoint = options.Endpoint;
    private long? _saidAt;
    private int _unsaid;

    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Activity> activityBatch)
    {
        var result = base.Export(activityBatch);
        if (result == ExportResult.Failure) Failed();
        return result;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _troubles.Dispose();
        base.Dispose(disposing);
    }

    private void Failed()
    {
        metrics.SpanExportFailed();
        _unsaid++;
        if (_saidAt is { } at && time.GetElapsedTime(at) < Quiet) return;
        logger.ExportFailed(_endpoint, _unsaid, _troubles.Newest ?? "no reason was given");
        (_saidAt, _unsaid) = (time.GetTimestamp(), 0);
    }
}
