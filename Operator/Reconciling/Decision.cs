namespace LlmKube.Operator.Reconciling;

/// <summary>What a decider wants done about one object: data, compared in tests before anything has happened.</summary>
/// <typeparam name="TStatus">The status type of the object's kind.</typeparam>
internal sealed record Decision<TStatus>
{
    /// <summary>What to do, in this order; the first failure stops the rest.</summary>
    public IReadOnlyList<DesiredAction> Actions { get; init; } = [];

    /// <summary>The whole status as it should be; written only if it differs from the observed one.</summary>
    public required TStatus Status { get; init; }

    /// <summary>What to tell the user as Events, once the status has been written.</summary>
    public IReadOnlyList<Announcement> Announcements { get; init; } = [];

    /// <summary>When to look again although nothing may change; null: when something changes.</summary>
    public TimeSpan? LookAgainIn { get; init; }
}
