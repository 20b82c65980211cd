namespace LlmKube.Operator.Engine.Timing;

/// <summary>Cancels by a clock that is a parameter.</summary>
internal static class CancellationExtensions
{
    /// <summary>Cancels the source after a time, unless the timer is disposed of before.</summary>
    public static void CancelAfterBy(this CancellationTokenSource source, TimeSpan delay, TimeProvider time, out ITimer timer) =>
        timer = time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), source, delay, Timeout.InfiniteTimeSpan);
}
