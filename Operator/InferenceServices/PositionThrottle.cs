using System.Collections.Concurrent;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>
/// Limits status writes that say nothing but a new place in the queue, or the scheduler's newest count of nodes: in a long, lively queue
/// each change would otherwise cost one write per waiter.
/// </summary>
internal sealed class PositionThrottle(TimeProvider time)
{
    /// <summary>At most one such write per service in this time.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, long> _written = [];

    /// <summary>True if two statuses of a waiting service differ, and in nothing but that.</summary>
    public static bool IsPositionAlone(InferenceServiceStatus? before, InferenceServiceStatus after) =>
        before is { QueuePosition: not null } && after.QueuePosition is not null && !StatusWriter.Same(before, after)
        && StatusWriter.Same(WithoutPosition(before), WithoutPosition(after));

    /// <summary>How long such a write has to wait; null: it may go.</summary>
    public TimeSpan? Wait(string uid) =>
        _written.TryGetValue(uid, out var last) && time.GetElapsedTime(last) is var passed && passed < Interval ? Interval - passed : null;

    /// <summary>Such a write has been made.</summary>
    public void Written(string uid) => _written[uid] = time.GetTimestamp();

    /// <summary>The service waits no longer, or is gone.</summary>
    public void Forget(string uid) => _written.TryRemove(uid, out _);

    // The message of Progressing says the place in words.
    private static InferenceServiceStatus WithoutPosition(InferenceServiceStatus status) => status with
    {
        QueuePosition = null,
        SchedulingMessage = null,
        Conditions = status.Conditions.Find(ConditionTypes.Progressing) is null ? status.Conditions : status.Conditions.Without(ConditionTypes.Progressing),
    };
}
