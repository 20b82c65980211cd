using System.Diagnostics.Tracing;
using System.Globalization;

namespace LlmKube.Operator.Tracing;

/// <summary>Listens to what the exporter says of failures, which it tells nobody else: it answers its caller only that it failed.</summary>
internal sealed class ExportTroubles : EventListener
{
    private const string Source = "OpenTelemetry-Exporter-OpenTelemetryProtocol";
    private const int Longest = 300;

    private volatile string? _newest;

    /// <summary>The newest failure in words, on one line; null: none was told.</summary>
    public string? Newest => _newest;

    /// <inheritdoc/>
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Source) EnableEvents(eventSource, EventLevel.Warning);
    }

    /// <inheritdoc/>
    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        var words = string.Format(CultureInfo.InvariantCulture, eventData.Message ?? eventData.EventName ?? "", [.. eventData.Payload ?? []]);
        var line = words.Split('\n', 2)[0].Trim();
        _newest = line.Length <= Longest ? line : line[..Longest] + "...";
    }
}
