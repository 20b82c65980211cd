using System.Collections.Concurrent;
using System.Net;

namespace LlmKube.Operator.Tests.Faults.Proxy;

/// <summary>The server's place is taken: it does not hear of the request.</summary>
internal sealed class Refused(Func<ProxiedRequest, bool> isMeant, ProxyAnswer answer, int most = int.MaxValue) : Fault(isMeant, most)
{
    public static Refused With(HttpStatusCode code, string reason, Func<ProxiedRequest, bool> isMeant, int most = int.MaxValue) =>
        new(isMeant, ProxyAnswer.Status(code, reason, $"refused by the test with {(int)code}"), most);

    public override Task<ProxyAnswer?> InsteadAsync(ProxiedRequest request, CancellationToken cancellationToken) => Task.FromResult(Take() ? answer : null);
}

/// <summary>The server's place is taken once for every resource.</summary>
internal sealed class RefusedOnce(Func<ProxiedRequest, bool> isMeant, ProxyAnswer answer) : Fault(isMeant)
{
    private readonly ConcurrentDictionary<string, bool> _refused = [];

    public override Task<ProxyAnswer?> InsteadAsync(ProxiedRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(_refused.TryAdd(request.Resource, true) && Take() ? answer : null);
}

/// <summary>The server does what it is asked, and nobody hears of it: the connection breaks before the answer.</summary>
/// <param name="isMeant">Which requests it may befall.</param>
/// <param name="most">How often it happens at most.</param>
/// <param name="only">Only to answers with this code; null: to all that are no refusal.</param>
internal sealed class ReplyLost(Func<ProxiedRequest, bool> isMeant, int most = int.MaxValue, HttpStatusCode? only = null) : Fault(isMeant, most)
{
    public override Task<ProxyAnswer> AfterAsync(ProxiedRequest request, ProxyAnswer answer) =>
        Task.FromResult((only is { } code ? answer.Code == (int)code : answer.Code < 300) && Take() ? answer with { IsLost = true } : answer);
}

/// <summary>The request waits in the proxy until it is let go.</summary>
internal sealed class Held(Func<ProxiedRequest, bool> isMeant) : Fault(isMeant)
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _released.TrySetResult();

    public override async Task<ProxyAnswer?> InsteadAsync(ProxiedRequest request, CancellationToken cancellationToken)
    {
        if (_released.Task.IsCompleted || !Take()) return null;
        await _released.Task.WaitAsync(cancellationToken);
        return null;
    }
}

/// <summary>Calls back when the server has answered, before the client hears it.</summary>
internal sealed class Noticed(Func<ProxiedRequest, bool> isMeant, Func<ProxiedRequest, ProxyAnswer, Task> call, int most = int.MaxValue) : Fault(isMeant, most)
{
    public override async Task<ProxyAnswer> AfterAsync(ProxiedRequest request, ProxyAnswer answer)
    {
        if (Take()) await call(request, answer);
        return answer;
    }
}

/// <summary>Remembers the first list of every resource, and answers with it once again for each resource when it is told to.</summary>
internal sealed class ListsStale(Func<ProxiedRequest, bool> isMeant) : Fault(r => r.Verb == "list" && isMeant(r))
{
    private readonly ConcurrentDictionary<string, ProxyAnswer> _first = [];
    private ConcurrentDictionary<string, ProxyAnswer> _due = [];

    /// <summary>The next list of every resource that is meant is the one of the past.</summary>
    public void Replay(Func<string, bool> resources) => _due = new(_first.Where(f => resources(f.Key)));

    /// <summary>The resources whose past is still to be told.</summary>
    public IEnumerable<string> Due => _due.Keys;

    public override Task<ProxyAnswer?> InsteadAsync(ProxiedRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(_due.TryRemove(request.Resource, out var past) && Take() ? past : null);

    public override Task<ProxyAnswer> AfterAsync(ProxiedRequest request, ProxyAnswer answer)
    {
        if (answer.Code == 200) _first.TryAdd(request.Resource, answer);
        return Task.FromResult(answer);
    }
}

/// <summary>Answers are followed by the end of the connection, now and then.</summary>
/// <param name="isMeant">Which requests it may befall.</param>
/// <param name="share">How many of them, from 0 to 1.</param>
/// <param name="random">The dice.</param>
/// <param name="isAbrupt">True: the connection breaks instead of the answer.</param>
internal sealed class ConnectionEnded(Func<ProxiedRequest, bool> isMeant, double share, Random random, bool isAbrupt) : Fault(isMeant)
{
    public override Task<ProxyAnswer> AfterAsync(ProxiedRequest request, ProxyAnswer answer) =>
        Task.FromResult(Chance.Of(random, share) && Take() ? answer with { IsLast = !isAbrupt, IsLost = isAbrupt } : answer);
}

/// <summary>Changes are told never, or twice.</summary>
internal sealed class EventsMangled(Func<ProxiedRequest, bool> isMeant, Random random, double dropped, double doubled) : Fault(isMeant)
{
    private int _dropped;
    private int _doubled;

    public int Dropped => Volatile.Read(ref _dropped);

    public int Doubled => Volatile.Read(ref _doubled);

    public override IEnumerable<string> Lines(ProxiedRequest request, string line)
    {
        if (!line.Contains("\"BOOKMARK\"", StringComparison.Ordinal))
        {
            if (Chance.Of(random, dropped) && Take())
            {
                Interlocked.Increment(ref _dropped);
                yield break;
            }

            if (Chance.Of(random, doubled) && Take())
            {
                Interlocked.Increment(ref _doubled);
                yield return line;
            }
        }

        yield return line;
    }
}

/// <summary>Dice that many threads may roll.</summary>
internal static class Chance
{
    public static bool Of(Random random, double share)
    {
        lock (random) return random.NextDouble() < share;
    }
}
