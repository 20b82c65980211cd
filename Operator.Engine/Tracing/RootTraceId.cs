using System.Diagnostics;

namespace LlmKube.Operator.Engine.Tracing;

/// <summary>
/// Starts root spans in a trace of our choice: several roots can then share a trace, also those of different processes. A parent context
/// could say the trace as well, but would make a sampler follow a parent that never decided anything.
/// </summary>
internal static class RootTraceId
{
    // A span is started synchronously, and asks for its trace id on the thread that starts it.
    [ThreadStatic]
    private static ActivityTraceId? s_wanted;

    static RootTraceId()
    {
        var others = Activity.TraceIdGenerator;
        Activity.TraceIdGenerator = () => s_wanted ?? others?.Invoke() ?? ActivityTraceId.CreateRandom();
    }

    /// <summary>Starts a span that has no parent; it becomes the current one.</summary>
    /// <param name="source">Where it is started.</param>
    /// <param name="name">Its name.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="traceId">The trace; null: a new one.</param>
    /// <param name="startTime">When it began.</param>
    /// <returns>Null if nobody wants it.</returns>
    public static Activity? Start(ActivitySource source, string name, ActivityKind kind, ActivityTraceId? traceId, DateTimeOffset startTime)
    {
        Activity.Current = null;
        s_wanted = traceId;
        try
        {
            return source.StartActivity(name, kind, default(ActivityContext), startTime: startTime);
        }
        finally
        {
            s_wanted = null;
        }
    }
}
