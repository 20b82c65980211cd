namespace LlmKube.Operator.Tests.Fetching;

/// <summary>Awaits a condition of the outside world.</summary>
internal static class Until
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static async Task TrueAsync(Func<bool> condition)
    {
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        while (!condition())
        {
            if (time.GetElapsedTime(start) > Deadline) Assert.Fail("The condition has not come true.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), time);
        }
    }
}
