using System.Collections.Concurrent;
using System.Net;

namespace LlmKube.Operator.Tests.Faults.Proxy;

/// <summary>The server is overloaded: it answers every request a few times with 429 and when to come again, before it does what it is asked.</summary>
internal sealed class PutOff(Func<ProxiedRequest, bool> isMeant, TimeSpan wait, int times, TimeProvider time) : Fault(isMeant)
{
    // Clocks tick, and timers ring up to a tick too early.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);
    private readonly ConcurrentDictionary<string, (int Times, long? Last)> _putOff = [];

    /// <summary>The requests that came again before they were told to. Of those that several may make at once, such as to read, it can't be told.</summary>
    public ConcurrentQueue<ProxiedRequest> TooEarly { get; } = [];

    public override Task<ProxyAnswer?> InsteadAsync(ProxiedRequest request, CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        var before = _putOff.GetValueOrDefault(request.ToString());
        var isOnes = request is { Verb: "list" or "watch" } || (request.IsWrite && request.Name.Length > 0);
        if (isOnes && before.Last is { } last && time.GetElapsedTime(last, now) < wait - Tick) TooEarly.Enqueue(request);
        if (before.Times >= times || !Take())
        {
            _putOff[request.ToString()] = before with { Last = null };
            return Task.FromResult<ProxyAnswer?>(null);
        }

        _putOff[request.ToString()] = (before.Times + 1, now);
        return Task.FromResult<ProxyAnswer?>(ProxyAnswer.Status(HttpStatusCode.TooManyRequests, "TooManyRequests", "the server is overloaded", wait));
    }
}
