namespace LlmKube.Operator.Tests.Faults;

/// <summary>What becomes of a fleet when nothing goes wrong: run once for all stories that ask.</summary>
internal static class FaultFree
{
    private static readonly Lock s_gate = new();
    private static readonly Dictionary<Fleet, Task<string>> s_runs = [];

    /// <summary>The <see cref="ClusterState"/> in the end. On another API server: ask before the story's own world is there, as there is one at a time.</summary>
    public static Task<string> StateAsync(Fleet fleet)
    {
        lock (s_gate)
        {
            return s_runs.TryGetValue(fleet, out var run) ? run : s_runs[fleet] = RunAsync(fleet);
        }
    }

    private static async Task<string> RunAsync(Fleet fleet)
    {
        await using var world = await FaultWorld.StartAsync();
        var running = await world.StartOperatorAsync();
        await fleet.CreateAsync(world.Cluster);
        await fleet.ReadyAsync(world.Cluster);

        // Others have their last word after us: budgets are counted, fetches that have ended are collected.
        await Oracles.RestsAsync(running.Proxy, TimeSpan.FromSeconds(3));
        await Oracles.ChildrenAsync(fleet, world.Cluster);
        await Oracles.StatusAsync(world.Cluster);
        return await ClusterState.ReadAsync(world.Cluster);
    }
}
