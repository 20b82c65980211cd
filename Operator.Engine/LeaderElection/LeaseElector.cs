using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Timing;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.LeaderElection;

/// <summary>What an election is about.</summary>
/// <param name="Namespace">Where the Lease is.</param>
/// <param name="Name">Its name.</param>
/// <param name="Identity">Who we are; no two processes may be the same.</param>
/// <param name="LeaseDuration">How long others must wait after the last renewal that they have seen.</param>
/// <param name="RenewDeadline">How long the leader tries to renew before it gives up; less than the lease duration.</param>
/// <param name="RetryPeriod">How long everyone waits between tries.</param>
internal sealed record ElectionOptions(
    string Namespace, string Name, string Identity, TimeSpan LeaseDuration, TimeSpan RenewDeadline, TimeSpan RetryPeriod);

/// <summary>
/// Elects a leader by a Lease, with client-go's rules: nobody compares clocks; a lease is free when its record has not changed for its
/// duration, by the watcher's own monotonic clock; every change of the holder counts as a transition.
/// </summary>
internal sealed class LeaseElector(
    ApiConnection api, ElectionOptions options, Leadership leadership, TimeProvider time, Dice dice, ILogger logger)
{
    private static readonly ResourceType Type = ResourceType.Of<V1Lease>();

    private V1Lease? _observed;
    private long _observedAt;

    /// <summary>Waits for the lease, holds it for as long as it can, and returns when it is lost or the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!await AcquireAsync(cancellationToken)) return;
        logger.Leading(options.Identity, options.Namespace, options.Name);
        await HoldAsync(cancellationToken);
    }

    /// <summary>
    /// Gives the lease back if it is ours, so that nobody needs to wait for its end. Call it when <see cref="RunAsync"/> has returned and
    /// nothing writes any more. It asks first: a request that was cut off may have got us a lease that we do not know of.
    /// </summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        leadership.Ended();
        try
        {
            if (await ReadAsync(cancellationToken) is not { } lease || lease.Spec?.HolderIdentity != options.Identity) return;
            var spec = Spec("", TimeSpan.FromSeconds(1), lease.Spec.LeaseTransitions ?? 0, lease.Spec.AcquireTime);
            await ReplaceAsync(lease, spec, cancellationToken);
            logger.Released(options.Namespace, options.Name);
        }
#pragma warning disable CA1031 // Then the others have to wait for its end, as after a crash.
        catch (Exception e)
#pragma warning restore CA1031
        {
            logger.NotReleased(options.Namespace, options.Name, e);
        }
    }

    /// <summary>Whether the holder has written nothing in between. A label that somebody puts on the Lease is no sign of life.</summary>
    internal static bool SameRecord(V1Lease one, V1Lease other) => RecordOf(one) == RecordOf(other);

    /// <summary>
    /// How long a candidate waits after a try: a period, jittered so that a herd spreads, and not past the end of another's lease. So a holder that dies is
    /// replaced within a period and its lease.
    /// </summary>
    /// <param name="period">The longest wait.</param>
    /// <param name="left">How long another holds the lease; null: nobody does.</param>
    /// <param name="roll">A number in [0, 1).</param>
    internal static TimeSpan WaitOf(TimeSpan period, TimeSpan? left, double roll)
    {
        var wait = period * (1 - (0.2 * roll));
        return left is { } free && free > TimeSpan.Zero && free < wait ? free : wait;
    }

    private async Task<bool> AcquireAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (await TryWithinAsync(options.RenewDeadline, cancellationToken)) return true;

            // Twice a period, so that a lease that is given back is soon taken.
            await WaitAsync(WaitOf(options.RetryPeriod / 2, UntilFree(), dice.Roll()), cancellationToken);
        }

        return false;
    }

    private async Task HoldAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            // Counted from when the last renewal was sent: one that took long is followed at once by the next.
            await WaitAsync(options.RetryPeriod - leadership.SinceRenewal, cancellationToken);
            if (cancellationToken.IsCancellationRequested || await RenewAsync(cancellationToken)) continue;
            if (cancellationToken.IsCancellationRequested) return;
            leadership.Ended();
            logger.Lost(options.Identity, options.Namespace, options.Name);
            return;
        }
    }

    // A renewal has the whole deadline to itself, however long the one before took. If the lease runs out meanwhile, writes are refused
    // until it is renewed; whoever takes it then is seen by the next try.
    private async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var left = options.RenewDeadline - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero) return false;
            if (await TryWithinAsync(left, cancellationToken)) return true;
            if (cancellationToken.IsCancellationRequested || IsHeldByAnother()) return false;
            await WaitAsync(options.RetryPeriod, cancellationToken);
        }
    }

    private Task WaitAsync(TimeSpan wait, CancellationToken cancellationToken) =>
        wait > TimeSpan.Zero ? Task.Delay(wait, time, cancellationToken).Quietly() : Task.CompletedTask;

    // A request that hangs must not outlive its time.
    private async Task<bool> TryWithinAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        leadership.Tick();
        using var deadline = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        return await TryAsync(either.Token);
    }

    // Transport errors and lost races mean only that this try was none.
    private async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await TryAcquireOrRenewAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
#pragma warning disable CA1031 // Networks and servers fail in every way, and the next try may not.
        catch (Exception e)
#pragma warning restore CA1031
        {
            logger.TryFailed(options.Namespace, options.Name, e.Message);
            return false;
        }
    }

    private async Task<bool> TryAcquireOrRenewAsync(CancellationToken cancellationToken)
    {
        var sent = time.GetTimestamp();
        if (await ReadAsync(cancellationToken) is not { } lease)
        {
            Observe(await CreateAsync(cancellationToken));
            leadership.Renewed(sent, options.LeaseDuration);
            return true;
        }

        if (_observed is null || !SameRecord(_observed, lease)) Observe(lease);
        else _observed = lease;

        if (IsHeldByAnother()) return false;
        var isOurs = lease.Spec?.HolderIdentity == options.Identity;
        var transitions = (lease.Spec?.LeaseTransitions ?? 0) + (isOurs ? 0 : 1);
        sent = time.GetTimestamp();
        var spec = Spec(options.Identity, options.LeaseDuration, transitions, isOurs ? lease.Spec?.AcquireTime : null);
        Observe(await ReplaceAsync(lease, spec, cancellationToken));
        leadership.Renewed(sent, options.LeaseDuration);
        return true;
    }

    private bool IsHeldByAnother() => UntilFree() is { } left && left > TimeSpan.Zero;

    // How long another's lease lasts; null: it is nobody's, or ours.
    private TimeSpan? UntilFree()
    {
        if (_observed?.Spec is not { HolderIdentity: { Length: > 0 } holder } spec || holder == options.Identity) return null;
        var duration = spec.LeaseDurationSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : options.LeaseDuration;
        return duration - time.GetElapsedTime(_observedAt);
    }

    private void Observe(V1Lease lease)
    {
        _observed = lease;
        _observedAt = time.GetTimestamp();
    }

    private static (string?, int?, DateTime?, DateTime?, int?) RecordOf(V1Lease lease) => (
        lease.Spec?.HolderIdentity, lease.Spec?.LeaseDurationSeconds, lease.Spec?.AcquireTime, lease.Spec?.RenewTime, lease.Spec?.LeaseTransitions);

    private async Task<V1Lease?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(ApiRequest.Get(Type, options.Namespace, options.Name), cancellationToken);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private Task<V1Lease> CreateAsync(CancellationToken cancellationToken)
    {
        var lease = new JsonObject
        {
            ["apiVersion"] = Type.ApiVersion,
            ["kind"] = Type.Kind,
            ["metadata"] = new JsonObject { ["name"] = options.Name, ["namespace"] = options.Namespace },
            ["spec"] = Spec(options.Identity, options.LeaseDuration, 0, null),
        };
        return SendAsync(ApiRequest.Create(Type, options.Namespace, lease), cancellationToken);
    }

    // With the version that was read, so that of two candidates one loses.
    private Task<V1Lease> ReplaceAsync(V1Lease read, JsonObject spec, CancellationToken cancellationToken)
    {
        var lease = JsonSerializer.SerializeToNode(read, WireFormat.Options)!.AsObject();
        lease["spec"] = spec;
        return SendAsync(ApiRequest.Replace(Type, options.Namespace, options.Name, lease), cancellationToken);
    }

    private async Task<V1Lease> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Options.Set(ApiRequest.NeedsNoLease, true);
        return WireFormat.Decode<V1Lease>(await api.SendAsync(request, cancellationToken), Type);
    }

    // The times are for people; nobody decides by them.
    private JsonObject Spec(string holder, TimeSpan duration, int transitions, DateTime? acquired) => new()
    {
        ["holderIdentity"] = holder,
        ["leaseDurationSeconds"] = (int)Math.Ceiling(duration.TotalSeconds),
        ["acquireTime"] = Micro(acquired ?? time.GetUtcNow().UtcDateTime),
        ["renewTime"] = Micro(time.GetUtcNow().UtcDateTime),
        ["leaseTransitions"] = transitions,
    };

    // The API demands exactly six digits here.
    private static string Micro(DateTime at) => at.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
}
