namespace LlmKube.Operator.LocalCluster.Controllers.Watching;

/// <summary>Runs a part of the cluster: its caches all the while, its work once they have seen the cluster.</summary>
internal static class PartRunner
{
    /// <param name="background">Runs from the start; ends when its token is cancelled.</param>
    /// <param name="synced">Ends when the first lists are in.</param>
    /// <param name="work">Begins then.</param>
    /// <param name="cancellation">Ends all; that is no failure.</param>
    public static async Task RunAsync(Func<CancellationToken, Task> background, Task synced, Func<CancellationToken, Task> work, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watching = background(stop.Token);
        try
        {
            await synced.WaitAsync(cancellation);
            await work(stop.Token);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Asked for.
        }
        finally
        {
            await stop.CancelAsync();
            await watching;
        }
    }
}
