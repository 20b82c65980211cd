using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Pods;

namespace LlmKube.Operator.LocalCluster.Controllers.Jobs;

/// <summary>What is to be done for a Job now.</summary>
internal sealed record JobDecision
{
    /// <summary>The status to write, without the counts of pods that are still being let go.</summary>
    public required V1JobStatus Status { get; init; }

    /// <summary>How many pods to create.</summary>
    public int Create { get; init; }

    /// <summary>Running pods that are no longer wanted.</summary>
    public IReadOnlyList<V1Pod> Delete { get; init; } = [];

    /// <summary>Finished pods that the status accounts for once it is written: their finalizer can go.</summary>
    public IReadOnlyList<V1Pod> Release { get; init; } = [];

    /// <summary>When to look again.</summary>
    public TimeSpan? LookAgainIn { get; init; }
}

/// <summary>
/// The rules of a Job. A finished pod is counted exactly once: its uid is written into the status, then its finalizer
/// is taken off, then its uid becomes part of the count.
/// </summary>
internal static class JobDecider
{
    public const string TrackingFinalizer = "batch.kubernetes.io/job-tracking";
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LastBackoff = TimeSpan.FromMinutes(10);

    public static bool IsFinished(V1JobStatus? status) => Condition(status, "Complete") || Condition(status, "Failed");

    /// <param name="job">The Job.</param>
    /// <param name="pods">All pods of this Job, whatever their state.</param>
    /// <param name="isDeleting">Whether a pod's deletion has been accepted.</param>
    /// <param name="now">The time.</param>
    public static JobDecision Decide(V1Job job, IReadOnlyList<V1Pod> pods, Func<V1Pod, bool> isDeleting, DateTime now)
    {
        var before = job.Status ?? new();
        // The verdict is given when all is counted, so nothing is left to count.
        if (IsFinished(before)) return new() { Status = before, Release = [.. pods.Where(IsTracked)] };

        var seen = Account(job, before, pods, isDeleting);
        var status = new V1JobStatus
        {
            StartTime = before.StartTime ?? (job.Spec.Suspend == true ? null : now),
            CompletionTime = before.CompletionTime,
            Succeeded = Count(seen.CountedSucceeded),
            Failed = Count(seen.CountedFailed),
            UncountedTerminatedPods = new()
            {
                Succeeded = seen.UncountedSucceeded.Count == 0 ? null : [.. seen.UncountedSucceeded],
                Failed = seen.UncountedFailed.Count == 0 ? null : [.. seen.UncountedFailed],
            },
            Conditions = [.. before.Conditions ?? []],
        };
        var active = pods.Where(p => !p.IsTerminal() && !isDeleting(p)).ToList();
        status.Terminating = pods.Count(p => !p.IsTerminal() && isDeleting(p));
        var decision = Judge(job, status, seen, active, pods, now);
        var running = active.Except(decision.Delete).ToList();
        status.Active = Count(running.Count + decision.Create);
        status.Ready = running.Count(p => p.IsReady());
        return decision with { Release = seen.Release };
    }

    /// <summary>When the pod that comes next may start: 10 s after a failure, 20 s after the second in a row, ... 10 minutes.</summary>
    public static DateTime? NextStart(IEnumerable<V1Pod> pods)
    {
        var failures = 0;
        DateTime? last = null;
        foreach (var pod in pods.Where(p => p.IsTerminal()).OrderBy(FinishedAt))
        {
            failures = pod.Status.Phase == "Failed" ? failures + 1 : 0;
            last = FinishedAt(pod);
        }

        if (failures == 0 || last is null) return null;
        var delay = FirstBackoff * Math.Pow(2, Math.Min(failures - 1, 10));
        return last + (delay < LastBackoff ? delay : LastBackoff);
    }

    private static JobDecision Judge(V1Job job, V1JobStatus status, Accounts seen, List<V1Pod> active, IReadOnlyList<V1Pod> pods, DateTime now)
    {
        var succeeded = seen.CountedSucceeded + seen.UncountedSucceeded.Count;
        var failed = seen.CountedFailed + seen.UncountedFailed.Count;

        // The verdict waits for the last pod to end and to be counted, as on a real cluster: nothing of a finished Job still runs.
        var settled = active.Count == 0 && status.Terminating == 0 && seen.UncountedSucceeded.Count + seen.UncountedFailed.Count == 0;
        if (FailureOf(job, status, seen, active, failed, now) is var (reason, message))
        {
            Set(status, "FailureTarget", reason, message, now);
            if (settled) Set(status, "Failed", reason, message, now);
            return new() { Status = status, Delete = active };
        }

        var completions = job.Spec.Completions;
        var complete = completions is { } n ? succeeded >= n : succeeded > 0 && active.Count == 0;
        if (complete)
        {
            Set(status, "SuccessCriteriaMet", "CompletionsReached", "Reached expected number of succeeded pods", now);
            if (settled)
            {
                Set(status, "Complete", "CompletionsReached", "Reached expected number of succeeded pods", now);
                status.CompletionTime = now;
            }

            return new() { Status = status, Delete = active };
        }

        if (job.Spec.Suspend == true)
        {
            Set(status, "Suspended", "JobSuspended", "Job suspended", now);
            status.StartTime = null;
            return new() { Status = status, Delete = active };
        }

        if (status.Conditions.FirstOrDefault(c => c.Type == "Suspended") is { Status: "True" })
        {
            Set(status, "Suspended", "JobResumed", "Job resumed", now, "False");
            status.StartTime = now;
        }

        var deadline = job.Spec.ActiveDeadlineSeconds is { } seconds ? status.StartTime?.AddSeconds(seconds) - now : null;
        var parallelism = job.Spec.Parallelism ?? 1;
        var wanted = completions is { } all ? Math.Min(parallelism, all - succeeded) : succeeded > 0 ? active.Count : parallelism;
        if (active.Count > wanted) return new() { Status = status, Delete = [.. active.OrderBy(p => p.IsReady() ? 1 : 0).Take(active.Count - wanted)], LookAgainIn = deadline };

        // A pod that is still terminating holds its place, so that two never do the same work.
        var create = Math.Max(0, wanted - active.Count - (job.Spec.PodReplacementPolicy == "Failed" ? status.Terminating ?? 0 : 0));
        if (create > 0 && NextStart(pods) is { } start && start > now) return new() { Status = status, LookAgainIn = Least(start - now, deadline) };
        return new() { Status = status, Create = create, LookAgainIn = deadline };
    }

    private static (string Reason, string Message)? FailureOf(
        V1Job job, V1JobStatus status, Accounts seen, List<V1Pod> active, int failed, DateTime now)
    {
        if (status.Conditions.FirstOrDefault(c => c is { Type: "FailureTarget", Status: "True" }) is { } decided) return (decided.Reason, decided.Message);
        if (seen.PolicyVerdict is { } verdict) return ("PodFailurePolicy", verdict);
        if (job.Spec.ActiveDeadlineSeconds is { } seconds && status.StartTime is { } start && start.AddSeconds(seconds) <= now) return ("DeadlineExceeded", "Job was active longer than specified deadline");
        var limit = job.Spec.BackoffLimit ?? 6;
        var restarts = job.Spec.Template.Spec.RestartPolicy == "OnFailure"
            ? active.Sum(p => (p.Status?.ContainerStatuses ?? []).Concat(p.Status?.InitContainerStatuses ?? []).Sum(c => c.RestartCount)) : 0;
        var exceeded = failed > limit || (restarts > 0 && (limit == 0 || restarts >= limit));
        return exceeded ? ("BackoffLimitExceeded", "Job has reached the specified backoff limit") : null;
    }

    private static Accounts Account(V1Job job, V1JobStatus before, IReadOnlyList<V1Pod> pods, Func<V1Pod, bool> isDeleting)
    {
        var accounts = new Accounts { CountedSucceeded = before.Succeeded ?? 0, CountedFailed = before.Failed ?? 0 };
        var tracked = pods.Where(IsTracked).ToDictionary(p => p.Metadata.Uid);
        var uncountedSucceeded = before.UncountedTerminatedPods?.Succeeded ?? [];
        var uncountedFailed = before.UncountedTerminatedPods?.Failed ?? [];
        accounts.CountedSucceeded += uncountedSucceeded.Count(uid => !tracked.ContainsKey(uid));
        accounts.CountedFailed += uncountedFailed.Count(uid => !tracked.ContainsKey(uid));
        foreach (var pod in tracked.Values)
        {
            var uid = pod.Metadata.Uid;
            if (pod.Status?.Phase == "Succeeded")
            {
                accounts.UncountedSucceeded.Add(uid);
            }
            else if (pod.Status?.Phase == "Failed" || (isDeleting(pod) && job.Spec.PodReplacementPolicy != "Failed"))
            {
                var (counts, verdict) = PodFailurePolicy.Judge(job, pod);
                accounts.PolicyVerdict ??= verdict;
                if (counts || uncountedFailed.Contains(uid)) accounts.UncountedFailed.Add(uid);
            }
            else
            {
                continue;
            }

            accounts.Release.Add(pod);
        }

        return accounts;
    }

    private static bool IsTracked(V1Pod pod) => pod.Metadata.Finalizers?.Contains(TrackingFinalizer) == true;

    private static DateTime FinishedAt(V1Pod pod) =>
        pod.Status?.ContainerStatuses?.Select(c => c.State?.Terminated?.FinishedAt).Max() ?? pod.Metadata.CreationTimestamp ?? DateTime.MinValue;

    private static bool Condition(V1JobStatus? status, string type) => status?.Conditions?.Any(c => c.Type == type && c.Status == "True") == true;

    private static void Set(V1JobStatus status, string type, string reason, string message, DateTime now, string state = "True")
    {
        var known = status.Conditions.FirstOrDefault(c => c.Type == type);
        if (known is not null && known.Status == state && known.Reason == reason) return;
        status.Conditions =
        [
            .. status.Conditions.Where(c => c.Type != type),
            new() { Type = type, Status = state, Reason = reason, Message = message, LastProbeTime = now, LastTransitionTime = now },
        ];
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan? b) => b is { } other && other < a ? other : a;

    private static int? Count(int value) => value == 0 ? null : value;

    private sealed class Accounts
    {
        public int CountedSucceeded { get; set; }

        public int CountedFailed { get; set; }

        public List<string> UncountedSucceeded { get; } = [];

        public List<string> UncountedFailed { get; } = [];

        public List<V1Pod> Release { get; } = [];

        public string? PolicyVerdict { get; set; }
    }
}
