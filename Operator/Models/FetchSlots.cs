using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.Models;

/// <summary>
/// Bounds how many fetches run at once, in all namespaces together. The Jobs that there are say who has a slot; only what lies between the grant of
/// one and the sight of its Job is kept here. Who got none waits in the order of age, and is named when one is free.
/// </summary>
internal sealed class FetchSlots(IKubernetesClient client, OperatorOptions options, TimeProvider time)
{
    // A pod that has found no node by then waits for something that no other fetch should wait for.
    private static readonly TimeSpan Start = TimeSpan.FromMinutes(1);

    // Guards both.
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Namespace, string Job), DateTimeOffset> _granted = [];
    private readonly Dictionary<(string Namespace, string Model), DateTime> _waiting = [];

    /// <summary>Takes a slot for a Job that is about to be created. It is the Job's once that has been seen.</summary>
    /// <param name="job">The Job.</param>
    /// <param name="model">The Model that wants it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>True if there was one, or there is no bound.</returns>
    public async Task<bool> TryTakeAsync(V1Job job, Model model, CancellationToken cancellationToken)
    {
        if (options.MaxConcurrentFetches == 0) return true;
        var jobs = await JobsAsync(cancellationToken);
        var waiter = (model.Metadata.NamespaceProperty, model.Metadata.Name);
        lock (_gate)
        {
            if (Free(jobs) > 0)
            {
                _granted[KeyOf(job)] = time.GetUtcNow();
                _waiting.Remove(waiter);
                return true;
            }

            _waiting[waiter] = model.Metadata.CreationTimestamp ?? DateTime.MaxValue;
            return false;
        }
    }

    /// <summary>Gives a slot back whose Job was not created, or has ended.</summary>
    public void Return(V1Job job)
    {
        lock (_gate) _granted.Remove(KeyOf(job));
    }

    /// <summary>A Model is gone, or wants no slot any more.</summary>
    public void Forget(Model model)
    {
        lock (_gate) _waiting.Remove((model.Metadata.NamespaceProperty, model.Metadata.Name));
    }

    /// <summary>Those that may try again, as many as there are free slots, the oldest first. Each is named once.</summary>
    public async Task<IReadOnlyList<(string Namespace, string Name)>> NextAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0) return [];
        }

        var jobs = await JobsAsync(cancellationToken);
        lock (_gate)
        {
            List<(string Namespace, string Name)> next = [.. _waiting.OrderBy(w => w.Value).ThenBy(w => w.Key).Take(Math.Max(0, Free(jobs))).Select(w => w.Key)];
            foreach (var waiter in next) _waiting.Remove(waiter);
            return next;
        }
    }

    /// <summary>True for a Job that has a slot: it runs, or may begin at any moment.</summary>
    internal static bool HoldsSlot(V1Job job, DateTimeOffset now) =>
        FetchJobBuilder.IsOurs(job) && !FetchJobBuilder.IsRemoval(job) && job.Metadata.DeletionTimestamp is null && !HasEnded(job)
        && (job.Status?.Ready > 0 || job.Metadata.CreationTimestamp is not { } created || now.UtcDateTime - created < Start);

    /// <summary>True for a Job whose pod does nothing any more.</summary>
    internal static bool HasEnded(V1Job job) => job.Status?.Conditions?.Any(c => c is { Type: "Complete" or "Failed", Status: "True" }) == true;

    // The list may be older than a grant: so a grant stays until a list has its Job.
    private int Free(IList<V1Job> jobs)
    {
        var now = time.GetUtcNow();
        foreach (var job in jobs)
        {
            if (_granted.TryGetValue(KeyOf(job), out var at) && IsOf(job, at)) _granted.Remove(KeyOf(job));
        }

        foreach (var (lost, _) in _granted.Where(g => now - g.Value > Start).ToList()) _granted.Remove(lost);
        return options.MaxConcurrentFetches - _granted.Count - jobs.Count(j => HoldsSlot(j, now));
    }

    // One of the name that is on its way out, or was there before, is not the one that was granted. Times of creation are whole seconds.
    private static bool IsOf(V1Job job, DateTimeOffset granted) =>
        job.Metadata.DeletionTimestamp is null && (job.Metadata.CreationTimestamp is not { } created || created >= granted.UtcDateTime.AddSeconds(-1));

    private Task<IList<V1Job>> JobsAsync(CancellationToken cancellationToken) => client.ListAsync<V1Job>(options.Namespace, Labels.ManagedSelector, cancellationToken: cancellationToken);

    private static (string Namespace, string Job) KeyOf(V1Job job) => (job.Metadata.NamespaceProperty, job.Metadata.Name);
}
