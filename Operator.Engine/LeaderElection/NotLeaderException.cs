namespace LlmKube.Operator.Engine.LeaderElection;

/// <summary>A write was refused before it was sent, since this process does not hold the lease that entitles it to write.</summary>
public sealed class NotLeaderException() : InvalidOperationException(
    "Not written: this process does not hold the leader's lease, or could not renew it in time. Another replica may be at work.");
