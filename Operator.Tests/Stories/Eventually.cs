using k8s;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>Awaits what becomes so in its own time.</summary>
internal static class Eventually
{
    /// <summary>How long anything may take, unless it is known to take longer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(25);

    /// <summary>Looks again until it is so and gives what was seen; if it never is, says what was seen last.</summary>
    public static Task<T> SeeAsync<T>(Func<Task<T>> look, Func<T, bool> isSo, string what, TimeSpan? every = null, TimeSpan? within = null) =>
        SeeAsync(look, seen => Task.FromResult(isSo(seen)), what, every, within);

    /// <summary>Looks again until it is so.</summary>
    public static Task TrueAsync(Func<bool> isSo, string what) => SeeAsync(() => Task.FromResult(isSo()), seen => seen, what);

    /// <summary>The same, where the question itself takes its time.</summary>
    public static async Task<T> SeeAsync<T>(Func<Task<T>> look, Func<T, Task<bool>> isSo, string what, TimeSpan? every = null, TimeSpan? within = null)
    {
        using var deadline = new CancellationTokenSource(within ?? Patience, TimeProvider.System);
        while (true)
        {
            var seen = await look();
            if (await isSo(seen)) return seen;
            Assert.That(deadline.IsCancellationRequested, Is.False, () => $"{what}; last seen: {KubernetesJson.Serialize(seen!)}");
            await Task.Delay(every ?? Often, TimeProvider.System);
        }
    }
}
