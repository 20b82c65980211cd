namespace LlmKube.Operator.LocalCluster.Tests.Conformance;

/// <summary>Awaits a condition on a server that other processes may have to fulfil.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static async Task HoldsAsync(Func<Task<bool>> condition, TimeSpan deadline)
    {
        using var late = new CancellationTokenSource(deadline, TimeProvider.System);
        while (!await condition())
        {
            if (late.IsCancellationRequested) Assert.Fail("The condition did not come true in time.");
            await Task.Delay(Pause, TimeProvider.System);
        }
    }
}
