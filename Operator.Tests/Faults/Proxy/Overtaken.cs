using System.Collections.Concurrent;

namespace LlmKube.Operator.Tests.Faults.Proxy;

/// <summary>Somebody else writes first: a request that holds only for what was read loses the race, several times before it comes through.</summary>
/// <param name="isMeant">Which requests it may befall.</param>
/// <param name="inARow">How often before one comes through.</param>
/// <param name="write">What the other one does.</param>
internal sealed class Overtaken(Func<ProxiedRequest, bool> isMeant, int inARow, Func<ProxiedRequest, Task> write) : Fault(isMeant)
{
    private readonly ConcurrentDictionary<string, int> _lost = [];

    public override async Task<ProxyAnswer?> InsteadAsync(ProxiedRequest request, CancellationToken cancellationToken)
    {
        if (_lost.AddOrUpdate(request.ToString(), 1, (_, lost) => lost + 1) <= inARow && Take()) await write(request);
        return null;
    }

    public override Task<ProxyAnswer> AfterAsync(ProxiedRequest request, ProxyAnswer answer)
    {
        if (answer.Code < 300) _lost.TryRemove(request.ToString(), out _);
        return Task.FromResult(answer);
    }
}
