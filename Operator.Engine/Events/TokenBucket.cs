namespace LlmKube.Operator.Engine.Events;

/// <summary>Lets a burst through, then as much as drips in.</summary>
internal sealed class TokenBucket(int burst, TimeSpan perToken, TimeProvider time)
{
    private double _tokens = burst;
    private long _filledAt = time.GetTimestamp();

    /// <summary>Takes a token; false if there is none.</summary>
    public bool TryTake()
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(burst, _tokens + (time.GetElapsedTime(_filledAt, now) / perToken));
        _filledAt = now;
        if (_tokens < 1) return false;
        _tokens--;
        return true;
    }
}
