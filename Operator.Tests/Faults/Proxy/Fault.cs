namespace LlmKube.Operator.Tests.Faults.Proxy;

/// <summary>
/// Something that goes wrong between operator and API server, for the requests that it is meant for, and for as long as it is in the proxy.
/// Whoever puts it there asserts in the end that it has happened (<see cref="Count"/>): a story whose fault never came proves nothing.
/// </summary>
/// <param name="isMeant">Which requests it may befall.</param>
/// <param name="most">How often it happens at most.</param>
internal abstract class Fault(Func<ProxiedRequest, bool> isMeant, int most = int.MaxValue)
{
    private int _count;

    /// <summary>How often it has happened.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Awaits that it has happened so often.</summary>
    public Task HappenedAsync(int times = 1) => Stories.Eventually.SeeAsync(() => Task.FromResult(Count), c => c >= times, $"{GetType().Name} happens {times} times");

    public bool IsMeant(ProxiedRequest request) => isMeant(request);

    /// <summary>Before the request is passed on: the answer in the server's place; null: it is passed on.</summary>
    public virtual Task<ProxyAnswer?> InsteadAsync(ProxiedRequest request, CancellationToken cancellationToken) => Task.FromResult<ProxyAnswer?>(null);

    /// <summary>The server has answered, and the client has heard nothing yet. Answers with a body to look at only: no watches.</summary>
    /// <returns>What the client gets.</returns>
    public virtual Task<ProxyAnswer> AfterAsync(ProxiedRequest request, ProxyAnswer answer) => Task.FromResult(answer);

    /// <summary>The lines of a watch that the client gets for one of the server's.</summary>
    public virtual IEnumerable<string> Lines(ProxiedRequest request, string line) => [line];

    /// <summary>Counts a time, unless it has happened often enough.</summary>
    protected bool Take()
    {
        if (Interlocked.Increment(ref _count) <= most) return true;
        Interlocked.Decrement(ref _count);
        return false;
    }
}
