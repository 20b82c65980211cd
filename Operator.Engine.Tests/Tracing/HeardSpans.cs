using System.Collections.Concurrent;
using System.Diagnostics;

namespace LlmKube.Operator.Engine.Tests.Tracing;

/// <summary>Listens to one source and keeps what has ended. Tests run at once, so what is another operator's is told by its trace or object.</summary>
internal sealed class HeardSpans : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly ConcurrentQueue<Activity> _ended = new();

    public HeardSpans(string source)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = heard => heard.Name == source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public IReadOnlyList<Activity> Of(string name) => [.. _ended.Where(span => (string?)span.GetTagItem("llmkube.widget.name") == name)];

    public void Dispose() => _listener.Dispose();
}
