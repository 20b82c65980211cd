using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Metrics;

namespace LlmKube.Operator.Models;

/// <summary>A fetch whose program runs.</summary>
/// <param name="Namespace">The namespace of the cache and of the pod.</param>
/// <param name="Job">The name of the fetch's Job.</param>
/// <param name="Pod">The pod's name.</param>
internal sealed record RunningFetch(string Namespace, string Job, string Pod);

/// <summary>
/// Follows fetches and counts the bytes that they transfer and the times that they resume, each once. What it knows is in memory alone: a fetch that an earlier operator had begun
/// is counted from where it is first seen to be. While they run, <see cref="FetchReader"/> tells how far they are.
/// </summary>
internal sealed class FetchMonitor(OperatorMetrics metrics)
{
    // Guards all below, and what is followed.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Namespace, string Name, IReadOnlyList<string> Jobs)> _met = [];
    private readonly Dictionary<(string Namespace, string Job), Followed> _followed = [];

    /// <summary>How far a running fetch is; null if there is none, or nothing is known of it yet.</summary>
    /// <param name="namespace">The namespace of the cache.</param>
    /// <param name="job">The name of its Job.</param>
    public FetchReading? Of(string @namespace, string job)
    {
        lock (_gate) return _followed.GetValueOrDefault((@namespace, job))?.Reading;
    }

    /// <summary>How far a Job is, if it runs and something is known of it.</summary>
    /// <param name="job">A fetch Job.</param>
    public FetchReading? Of(V1Job job)
    {
        lock (_gate) return _followed.GetValueOrDefault((job.Metadata.NamespaceProperty, job.Metadata.Name)) is { } fetch && fetch.Job == job.Metadata.Uid ? fetch.Reading : null;
    }

    /// <summary>Takes note of a Model's fetches as they are now; one that has ended is counted by what it reports.</summary>
    public void Observe(ModelSnapshot seen)
    {
        var (ns, uid) = (seen.Model.Metadata.NamespaceProperty, seen.Model.Metadata.Uid);
        lock (_gate)
        {
            var isKnown = _met.TryGetValue(uid, out var before);

            // A Model that is in no claim knows nothing of a fetch into one.
            var claims = seen.Claims;
            IReadOnlyList<string> jobs = [.. claims.Select(c => c.JobName)];
            _met[uid] = (ns, seen.Model.Metadata.Name, jobs);
            foreach (var job in isKnown ? before.Jobs.Except(jobs) : []) ForgetUnused((ns, job));
            foreach (var claim in claims) Observe(claim, isKnown);
        }
    }

    private void Observe(ModelSnapshot seen, bool isKnown)
    {
        (string Namespace, string Job) at = (seen.Model.Metadata.NamespaceProperty, seen.JobName);
        if (seen.Job is not { } job || !FetchJobBuilder.IsOurs(job))
        {
            _followed.Remove(at);
            return;
        }

        if (_followed.GetValueOrDefault(at) is not { } fetch || fetch.Job != job.Metadata.Uid)
        {
            // Who comes upon it in the middle doesn't know what an earlier operator has counted.
            var isFromBegin = isKnown || string.IsNullOrEmpty(seen.Model.Status?.Phase);
            _followed[at] = fetch = new Followed(job.Metadata.Uid) { Counted = isFromBegin ? (0, 0) : null };
        }

        fetch.Running = seen.Fetch is FetchState.Running && FetchStates.NewestOf(seen.Pods) is { } pod ? new(at.Namespace, at.Job, pod.Metadata.Name) : null;
        var end = seen.Fetch switch
        {
            FetchState.Succeeded succeeded => succeeded.Report,
            FetchState.Failed failed => failed.Report,
            _ => null,
        };
        if (end is null) return;
        fetch.Reading = null;
        if (end.Transferred is { } transferred && seen.CountsFetch) Count(fetch, transferred, end.Resumes ?? 0);
    }

    /// <summary>The fetches whose program runs, each with the pod that it runs in.</summary>
    public IReadOnlyList<RunningFetch> Running()
    {
        lock (_gate) return [.. _followed.Values.Select(f => f.Running).OfType<RunningFetch>()];
    }

    /// <summary>Takes note of how far a fetch is, if it still runs.</summary>
    /// <returns>The names of the Models that it is for, if it is not as far as it was.</returns>
    public IReadOnlyList<string> Take(RunningFetch fetch, FetchReading reading)
    {
        lock (_gate)
        {
            if (_followed.GetValueOrDefault((fetch.Namespace, fetch.Job)) is not { } followed || followed.Running != fetch || followed.Reading == reading) return [];
            followed.Reading = reading;
            Count(followed, reading.Transferred, reading.Resumes);
            return [.. _met.Values.Where(m => m.Namespace == fetch.Namespace && m.Jobs.Contains(fetch.Job)).Select(m => m.Name)];
        }
    }

    /// <summary>A Model is gone.</summary>
    public void Forget(Model model)
    {
        lock (_gate)
        {
            if (!_met.Remove(model.Metadata.Uid, out var met)) return;
            foreach (var job in met.Jobs) ForgetUnused((met.Namespace, job));
        }
    }

    private void Count(Followed fetch, long transferred, int resumes)
    {
        if (fetch.Counted is { } counted) metrics.Downloaded(Math.Max(0, transferred - counted.Transferred), Math.Max(0, resumes - counted.Resumes));
        fetch.Counted = (Math.Max(fetch.Counted?.Transferred ?? 0, transferred), Math.Max(fetch.Counted?.Resumes ?? 0, resumes));
    }

    private void ForgetUnused((string Namespace, string Job) at)
    {
        if (!_met.Values.Any(m => m.Namespace == at.Namespace && m.Jobs.Contains(at.Job))) _followed.Remove(at);
    }

    /// <param name="job">The uid of the fetch's Job.</param>
    private sealed class Followed(string job)
    {
        public string Job => job;

        /// <summary>What has been counted, or was transferred before we came; null until that is known.</summary>
        public (long Transferred, int Resumes)? Counted { get; set; }

        public FetchReading? Reading { get; set; }

        /// <summary>Null unless its program runs.</summary>
        public RunningFetch? Running { get; set; }
    }
}
