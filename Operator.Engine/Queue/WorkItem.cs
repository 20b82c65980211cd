namespace LlmKube.Operator.Engine.Queue;

/// <summary>Why a key is in a queue.</summary>
internal enum Trigger
{
    /// <summary>The object itself has changed.</summary>
    Watch,

    /// <summary>A controller asked for it: something that the object depends on has changed.</summary>
    Dependency,

    /// <summary>Every object is looked at once when work begins.</summary>
    Resync,

    /// <summary>The last attempt failed or lost a race.</summary>
    Retry,

    /// <summary>The last attempt asked to look again.</summary>
    Requeue,
}

/// <summary>A key that a worker has taken.</summary>
/// <param name="Key">The key.</param>
/// <param name="Trigger">Why it was added; of several causes the first, which is the one that it has waited since.</param>
/// <param name="Waited">How long since it was added, or since its delay was over, be it while it was still being worked on.</param>
internal readonly record struct WorkItem<TKey>(TKey Key, Trigger Trigger, TimeSpan Waited);
