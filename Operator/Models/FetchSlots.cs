using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Models;

/// <summary>
/// Bounds how many fetches run at once, in all namespaces together. The Jobs that there are say who has a slot; only what lies between the grant of
/// one and the sight of its Job is kept here. Who got none waits in the order of age, and is named when one is free; nobody younger gets that one.
/// </summary>
internal sealed class FetchSlots(IKubernetesClient client, OperatorOptions options, TimeProvider time)
{
    // A pod that has found no node by then waits for something that no other fetch should wait for; so does who has not come for a slot that was kept.
    private static readonly TimeSpan Start = TimeSpan.FromMinutes(1);

    // Guards all.
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Namespace, string Job), Grant> _granted = [];
    private readonly WaitingFetches _waiting = new();

    /// <summary>Takes a slot for a Job that is about to be created. It is the Job's once that has been seen.</summary>
    /// <param name="job">The Job.</param>
    /// <param name="model">The Model that wants it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>True if there was one, or there is no bound.</returns>
    public async Task<bool> TryTakeAsync(V1Job job, Model model, CancellationToken cancellationToken)
    {
        if (options.MaxConcurrentFetches == 0) return true;
        var jobs = await JobsAsync(cancellationToken);
        lock (_gate)
        {
            var (now, free) = (time.GetUtcNow(), Free(jobs));

            // One Job takes one slot, whichever of its Models creates it.
            if (_granted.ContainsKey(KeyOf(job)))
            {
                _waiting.Remove(model);
                return true;
            }

            _waiting.Add(model);
            _waiting.Keep(free, now, Start);
            if (!_waiting.IsNext(model, free)) return false;
            _waiting.Remove(model);
            _granted[KeyOf(job)] = new(now, model.Metadata.Uid);
            return true;
        }
    }

    /// <summary>
    /// Gives the slots back that a Model took for Jobs that there will not be. One that was there already, or whose creation was not answered, may not be in
    /// any list yet and keeps its slot; a sibling's grant is the sibling's to give back.
    /// </summary>
    /// <param name="model">The Model.</param>
    /// <param name="wanted">What it was about to do.</param>
    /// <param name="acted">What became of that.</param>
    public void Settle(Model model, IEnumerable<DesiredAction> wanted, ActionResults acted)
    {
        lock (_gate)
        {
            foreach (var action in wanted)
            {
                if (action is not DesiredAction.Create { Desired: V1Job job } || MayExist(action, acted)) continue;
                if (_granted.TryGetValue(KeyOf(job), out var grant) && grant.Holder == model.Metadata.Uid) _granted.Remove(KeyOf(job));
            }
        }
    }

    /// <summary>A Job is gone, perhaps before any list had it. Its name may have been granted to the next one by now.</summary>
    public void Gone(V1Job job)
    {
        lock (_gate)
        {
            if (_granted.TryGetValue(KeyOf(job), out var grant) && IsOf(job, grant)) _granted.Remove(KeyOf(job));
        }
    }

    /// <summary>A Model is gone, or wants no slot any more.</summary>
    public void Forget(Model model)
    {
        lock (_gate) _waiting.Remove(model);
    }

    /// <summary>Those that may try again, as many as there are free slots, the oldest first. Each is named once.</summary>
    public async Task<IReadOnlyList<(string Namespace, string Name)>> NextAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_waiting.IsEmpty) return [];
        }

        var jobs = await JobsAsync(cancellationToken);
        lock (_gate)
        {
            var free = Free(jobs);
            _waiting.Keep(free, time.GetUtcNow(), Start);
            return _waiting.Name(free);
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
            if (_granted.TryGetValue(KeyOf(job), out var grant) && job.Metadata.DeletionTimestamp is null && IsOf(job, grant)) _granted.Remove(KeyOf(job));
        }

        foreach (var (lost, _) in _granted.Where(g => now - g.Value.At > Start).ToList()) _granted.Remove(lost);
        return options.MaxConcurrentFetches - _granted.Count - jobs.Count(j => HoldsSlot(j, now));
    }

    // One of the name that was there before is not the one that was granted. Times of creation are whole seconds.
    private static bool IsOf(V1Job job, Grant grant) => job.Metadata.CreationTimestamp is not { } created || created >= grant.At.UtcDateTime.AddSeconds(-1);

    // Done, or tried without an answer that says no.
    private static bool MayExist(DesiredAction creation, ActionResults acted) =>
        acted.Done.Any(d => d.Action == creation) || (acted.Failure is { IsRejection: false } failure && failure.Action == creation);

    private Task<IList<V1Job>> JobsAsync(CancellationToken cancellationToken) => client.ListAsync<V1Job>(options.Namespace, Managed.Selector, cancellationToken: cancellationToken);

    private static (string Namespace, string Job) KeyOf(V1Job job) => (job.Metadata.NamespaceProperty, job.Metadata.Name);

    /// <param name="At">When.</param>
    /// <param name="Holder">The uid of the Model that it was granted to.</param>
    private readonly record struct Grant(DateTimeOffset At, string Holder);
}
