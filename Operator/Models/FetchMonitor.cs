using k8s.Autorest;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Models;

/// <summary>
/// Follows fetches while they run, in the logs of their pods, and counts the bytes that they transfer, each once. What it knows is in memory alone:
/// a fetch that an earlier operator had begun is counted from where it is first seen to be.
/// </summary>
internal sealed class FetchMonitor(ApiCalls api, OperatorMetrics metrics, TimeProvider time, ILogger<FetchMonitor> logger)
{
    /// <summary>How often a log is read.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    // A reconcile must not hang on a node that doesn't answer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // A line of progress has less than 300 bytes; the last one may be cut, or be the result.
    private const int Lines = 5;
    private const int Bytes = 8 * 1024;

    // Guards all below, and what is followed.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Namespace, string Key)> _met = [];
    private readonly Dictionary<(string Namespace, string Key), Followed> _followed = [];

    /// <summary>How far the running fetch of a source is; null if there is none, or nothing is known of it yet.</summary>
    /// <param name="namespace">The namespace of the cache.</param>
    /// <param name="key">The key of the source.</param>
    public FetchReading? Of(string @namespace, string key)
    {
        lock (_gate) return _followed.GetValueOrDefault((@namespace, key))?.Reading;
    }

    /// <summary>Takes note of a Model's fetch as it is now; one that has ended is counted by what it reports.</summary>
    public void Observe(ModelSnapshot seen)
    {
        var at = (seen.Model.Metadata.NamespaceProperty, seen.Key);
        lock (_gate)
        {
            var isKnown = _met.TryGetValue(seen.Model.Metadata.Uid, out var before);
            _met[seen.Model.Metadata.Uid] = at;
            if (isKnown && before != at) ForgetUnused(before);
            if (seen.Job is not { } job || !FetchJobBuilder.IsOurs(job))
            {
                _followed.Remove(at);
                return;
            }

            if (_followed.GetValueOrDefault(at) is not { } fetch || fetch.Job != job.Metadata.Uid)
            {
                // Who comes upon it in the middle doesn't know what an earlier operator has counted.
                var isFromBegin = isKnown || string.IsNullOrEmpty(seen.Model.Status?.Phase);
                _followed[at] = fetch = new Followed(job.Metadata.Uid) { Counted = isFromBegin ? 0 : null };
            }

            var end = seen.Fetch switch
            {
                FetchState.Succeeded succeeded => succeeded.Report,
                FetchState.Failed failed => failed.Report,
                _ => null,
            };
            if (end is null) return;
            fetch.Reading = null;
            if (end.Transferred is { } transferred && seen.CountsFetch) Count(fetch, transferred);
        }
    }

    /// <summary>Reads how far a running fetch is, unless that has just been done. That it can't be read is no failure.</summary>
    public async Task ReadAsync(ModelSnapshot seen, CancellationToken cancellationToken)
    {
        if (seen.Fetch is not FetchState.Running || !seen.CountsFetch || FetchStates.NewestOf(seen.Pods) is not { } pod) return;
        var (ns, name) = (pod.Metadata.NamespaceProperty, pod.Metadata.Name);
        if (Begin((ns, seen.Key)) is not { } fetch) return;
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var log = await api.ReadLogEndAsync(ns, name, FetchJobBuilder.Container, Lines, Bytes, either.Token);
            if (FetchReading.Last(log) is { } reading) Take(fetch, reading);
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException or IOException)
        {
            logger.NoProgress(ns, name, e is HttpOperationException answered ? ApiStatus.MessageOf(answered) : e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            logger.NoProgress(ns, name, $"no answer within {Patience.TotalSeconds} s");
        }
    }

    /// <summary>A Model is gone.</summary>
    public void Forget(Model model)
    {
        lock (_gate)
        {
            if (_met.Remove(model.Metadata.Uid, out var at)) ForgetUnused(at);
        }
    }

    // The fetch whose log is due to be read.
    private Followed? Begin((string Namespace, string Key) at)
    {
        lock (_gate)
        {
            if (_followed.GetValueOrDefault(at) is not { } fetch) return null;
            if (fetch.ReadAt is { } last && time.GetElapsedTime(last) < Interval / 2) return null;
            fetch.ReadAt = time.GetTimestamp();
            return fetch;
        }
    }

    private void Take(Followed fetch, FetchReading reading)
    {
        lock (_gate)
        {
            fetch.Reading = reading;
            Count(fetch, reading.Transferred);
        }
    }

    private void Count(Followed fetch, long transferred)
    {
        if (fetch.Counted is { } counted && transferred > counted) metrics.BytesDownloaded(transferred - counted);
        fetch.Counted = Math.Max(fetch.Counted ?? 0, transferred);
    }

    private void ForgetUnused((string Namespace, string Key) at)
    {
        if (!_met.ContainsValue(at)) _followed.Remove(at);
    }

    /// <param name="job">The uid of the fetch's Job.</param>
    private sealed class Followed(string job)
    {
        public string Job => job;

        /// <summary>Bytes that have been counted, or were transferred before we came; null until that is known.</summary>
        public long? Counted { get; set; }

        public FetchReading? Reading { get; set; }

        /// <summary>A timestamp.</summary>
        public long? ReadAt { get; set; }
    }
}
