using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Timing;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Informers;

/// <summary>Who a reflector tells what it sees. It is called by one thread at a time.</summary>
internal interface IReflectorSink<T>
    where T : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The whole collection.</summary>
    void Replaced(CompleteList<T> list);

    /// <summary>An object that is new or changed.</summary>
    void Upserted(Decoded<T> item);

    /// <summary>An object that is gone, in its last state.</summary>
    void Deleted(Decoded<T> item);

    /// <summary>All changes up to a version have been told: a bookmark says so.</summary>
    void Reached(string? version);

    /// <summary>An attempt to list has ended, well or not.</summary>
    void Attempted();
}

/// <summary>
/// Mirrors a collection: lists it, then watches from there, from the last event seen after a break. It lists again when the server has forgotten that
/// version (410), and after a long time, in case events were lost on their way.
/// </summary>
internal sealed class Reflector<T>(
    ApiConnection api,
    ResourceType type,
    InformerScope scope,
    IReflectorSink<T> sink,
    InformerOptions options,
    TimeProvider time,
    Dice dice,
    ILogger logger)
    where T : IKubernetesObject<V1ObjectMeta>
{
    // A watch that lives so long, or brings anything, was a good one: its end is no reason to wait.
    private static readonly TimeSpan GoodLife = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RelistRetry = TimeSpan.FromMinutes(5);

    // Where to watch from; null when it takes a list to know.
    private string? _version;
    private long _listedAt;
    private TimeSpan _relistAfter;
    private int _failures;
    private bool _hasHeard;
    private bool _hasJustExpired;
    private string? _lastComplaint;
    private long _lastTick = time.GetTimestamp();
    private long _lastHeard;

    /// <summary>How long ago the loop did anything.</summary>
    public TimeSpan SinceTick => time.GetElapsedTime(Volatile.Read(ref _lastTick));

    /// <summary>When the server last said anything; null for never.</summary>
    public DateTimeOffset? LastHeard => Volatile.Read(ref _lastHeard) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Mirrors until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (_version is null) await ListAsync(cancellationToken);
                else if (UntilRelist == TimeSpan.Zero) await RelistAsync(cancellationToken);
                await WatchAsync(cancellationToken);
                _lastComplaint = null;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Networks and servers fail in every way, and the next attempt may not.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _failures++;
                Complain(e);
            }

            Tick();
            if (_failures > 0) await Task.Delay(options.Reconnect.After(_failures, dice.Roll()), time, cancellationToken).Quietly();
        }
    }

    private TimeSpan UntilRelist => _relistAfter - time.GetElapsedTime(_listedAt) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        try
        {
            var list = await api.ListAsync<T>(
                type, scope.Namespace, scope.LabelSelector, scope.FieldSelector, options.PageSize, cancellationToken, onPage: Tick);
            Tick();
            Heard();
            sink.Replaced(list);
            _version = list.ResourceVersion;
            (_listedAt, _relistAfter) = (started, options.RelistAfter * (1 + dice.Roll()));
            logger.Listed(type.Kind, list.Items.Count, list.ResourceVersion);
        }
        finally
        {
            sink.Attempted();
        }
    }

    // While the collection can't be listed the watch tells of it as well as before.
    private async Task RelistAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ListAsync(cancellationToken);
        }
#pragma warning disable CA1031 // Networks and servers fail in every way, and a later attempt may not.
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            (_listedAt, _relistAfter) = (time.GetTimestamp(), RelistRetry);
            Complain(e);
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        _hasHeard = false;
        var isExpired = false;
        try
        {
            isExpired = !await ReadAsync(cancellationToken);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Gone)
        {
            isExpired = true;
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            _version = null; // The kind itself is gone. A list will tell when it is back.
            throw;
        }
        finally
        {
            // What a watch brings before it expires does not make it a good one, or such watches would follow one another without a pause.
            var isGood = (_hasHeard && !isExpired) || time.GetElapsedTime(started) >= GoodLife;
            if (isGood) (_failures, _hasJustExpired) = (0, false);
        }

        if (isExpired)
        {
            Expire();
            return;
        }

        if (!_hasHeard && time.GetElapsedTime(started) < GoodLife) _failures++;
        logger.WatchClosed(type.Kind, _version);
    }

    /// <returns>False if the server no longer knows the version.</returns>
    private async Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        using var silence = new SilenceWatchdog(options.SilenceLimit, time);
        using var old = new CancellationTokenSource(UntilRelist, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token, old.Token);
        try
        {
            var request = ApiRequest.Watch(
                type,
                scope.Namespace,
                scope.LabelSelector,
                scope.FieldSelector,
                _version,
                bookmarks: true,
                options.WatchTimeout * (1 + dice.Roll()));
            using var response = await api.OpenAsync(request, either.Token);
            await using var stream = await response.Content.ReadAsStreamAsync(either.Token);
            await foreach (var seen in WatchStream.ReadAsync<T>(stream, type, either.Token))
            {
                silence.Heard();
                Tick();
                if (seen.Type == WatchEventType.Error)
                {
                    return seen.Error?.Code == (int)HttpStatusCode.Gone ? false : throw new KubernetesException(seen.Error!);
                }

                _hasHeard = true;
                Heard();
                Tell(seen);
            }
        }
        catch (OperationCanceledException) when (old.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The next thing is a list.
        }
        catch (OperationCanceledException) when (silence.Token.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            logger.WatchSilent(type.Kind, options.SilenceLimit); // The silence was wait enough.
        }

        return true;
    }

    private void Tell(WatchEvent<T> seen)
    {
        var version = seen.Item.Metadata.ResourceVersion ?? _version;
        if (seen.Type == WatchEventType.Deleted) sink.Deleted(seen.Item);
        else if (seen.Type == WatchEventType.Bookmark) sink.Reached(version);
        else sink.Upserted(seen.Item);
        _version = version;
    }

    // The first time after a good watch it lists again at once; if that version expires as well, later and later.
    private void Expire()
    {
        _version = null;
        if (_hasJustExpired) _failures++;
        _hasJustExpired = true;
        logger.WatchExpired(type.Kind);
    }

    private void Tick() => Volatile.Write(ref _lastTick, time.GetTimestamp());

    private void Heard() => Volatile.Write(ref _lastHeard, time.GetUtcNow().UtcTicks);

    private void Complain(Exception e)
    {
        // The same complaint again is worth no second warning.
        if (e.Message == _lastComplaint) logger.StillFailing(type.Kind, _failures, e.Message);
        else if (e is HttpOperationException { Response.StatusCode: HttpStatusCode.NotFound }) logger.NotServed(type.ApiVersion, type.Kind);
        else logger.AttemptFailed(type.Kind, _failures, e);
        _lastComplaint = e.Message;
    }
}
