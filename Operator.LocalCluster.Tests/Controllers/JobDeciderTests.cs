using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Jobs;

namespace LlmKube.Operator.LocalCluster.Tests.Controllers;

public sealed class JobDeciderTests
{
    private static readonly DateTime Now = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private static readonly Dictionary<string, (V1Job Job, V1Pod[] Pods, int Create, int Delete, string Conditions, TimeSpan? Again)> Cases = new()
    {
        ["a new job starts its pod"] = (Job(), [], 1, 0, "", null),
        ["as many as run at once"] = (Job(s => (s.Completions, s.Parallelism) = (5, 3)), [], 3, 0, "", null),
        ["no more than are missing"] = (Job(s => (s.Completions, s.Parallelism) = (2, 3), s => s.Succeeded = 1), [], 1, 0, "", null),
        ["a running pod is left alone"] = (Job(), [Pod("Running")], 0, 0, "", null),
        ["one success is enough"] = (Job(), [Pod("Succeeded")], 0, 0, "SuccessCriteriaMet:CompletionsReached", null),
        ["and completes it once it is counted"] = (Job(null, s => s.Succeeded = 1), [], 0, 0, "SuccessCriteriaMet:CompletionsReached Complete:CompletionsReached", null),
        ["the verdict waits for pods that still run"] =
            (Job(s => (s.Completions, s.Parallelism) = (1, 2)), [Pod("Succeeded"), Pod("Running")], 0, 1, "SuccessCriteriaMet:CompletionsReached", null),
        ["a failed pod is followed by another ten seconds later"] = (Job(), [Pod("Failed", secondsAgo: 4)], 0, 0, "", TimeSpan.FromSeconds(6)),
        ["the second failure doubles the wait"] = (Job(), [Pod("Failed", 30), Pod("Failed", 4)], 0, 0, "", TimeSpan.FromSeconds(16)),
        ["when the wait is over it starts"] = (Job(), [Pod("Failed", secondsAgo: 11)], 1, 0, "", null),
        ["one failure more than the limit fails it"] =
            (Job(s => s.BackoffLimit = 1), [Pod("Failed", 30), Pod("Failed", 4)], 0, 0, "FailureTarget:BackoffLimitExceeded", null),
        ["the verdict waits until all are counted"] =
            (Job(s => s.BackoffLimit = 1, s => s.Failed = 2), [], 0, 0, "FailureTarget:BackoffLimitExceeded Failed:BackoffLimitExceeded", null),
        ["limit zero fails it with the first"] = (Job(s => s.BackoffLimit = 0), [Pod("Failed")], 0, 0, "FailureTarget:BackoffLimitExceeded", null),
        ["a job that ran too long fails"] =
            (Job(s => s.ActiveDeadlineSeconds = 60, s => s.StartTime = Now.AddSeconds(-60)), [Pod("Running")], 0, 1, "FailureTarget:DeadlineExceeded", null),
        ["it looks again at its deadline"] =
            (Job(s => s.ActiveDeadlineSeconds = 60, s => s.StartTime = Now.AddSeconds(-20)), [Pod("Running")], 0, 0, "", TimeSpan.FromSeconds(40)),
        ["a suspended job has no pods"] = (Job(s => s.Suspend = true), [Pod("Running")], 0, 1, "Suspended:JobSuspended", null),
        ["an exit code may fail it at once"] = (Job(s => s.PodFailurePolicy = Policy("FailJob", 3)), [Pod("Failed", code: 3)], 0, 0,
            "FailureTarget:PodFailurePolicy", null),
        ["or not count"] = (Job(s => (s.BackoffLimit, s.PodFailurePolicy) = (0, Policy("Ignore", 3))), [Pod("Failed", secondsAgo: 60, code: 3)], 1, 0, "", null),
        ["a finished job does nothing"] = (Job(null, s => s.Conditions = [new() { Type = "Complete", Status = "True", Reason = "CompletionsReached" }]), [Pod("Succeeded")], 0, 0,
            "Complete:CompletionsReached", null),
    };

    public static IEnumerable<string> Stories => Cases.Keys;

    [TestCaseSource(nameof(Stories))]
    public void A_job_decides(string story)
    {
        var (job, pods, create, delete, conditions, again) = Cases[story];
        var decision = JobDecider.Decide(job, pods, p => p.Metadata.DeletionTimestamp is not null, Now);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(decision.Create, Is.EqualTo(create), "create");
            Assert.That(decision.Delete, Has.Count.EqualTo(delete), "delete");
            Assert.That(string.Join(' ', (decision.Status.Conditions ?? []).Select(c => $"{c.Type}:{c.Reason}")), Is.EqualTo(conditions));
            Assert.That(decision.LookAgainIn, Is.EqualTo(again));
        }
    }

    [Test]
    public void A_finished_pod_is_counted_once_however_often_one_looks()
    {
        var job = Job(s => s.BackoffLimit = 6);
        var pod = Pod("Failed", secondsAgo: 1);

        var seen = JobDecider.Decide(job, [pod], _ => false, Now);
        Assert.That(seen.Status.UncountedTerminatedPods.Failed, Is.EqualTo(new[] { pod.Metadata.Uid }));

        job.Status = seen.Status;
        Assert.That(JobDecider.Decide(job, [pod], _ => false, Now).Status.UncountedTerminatedPods.Failed, Has.Count.EqualTo(1), "written, not yet released");

        pod.Metadata.Finalizers.Clear();
        job.Status = JobDecider.Decide(job, [pod], _ => false, Now).Status;
        Assert.That((job.Status.Failed, job.Status.UncountedTerminatedPods.Failed), Is.EqualTo(((int?)1, (IList<string>?)null)));

        job.Status = JobDecider.Decide(job, [], _ => false, Now).Status;
        Assert.That(job.Status.Failed, Is.EqualTo(1), "a deleted pod stays counted");
    }

    private static V1Job Job(Action<V1JobSpec>? spec = null, Action<V1JobStatus>? status = null)
    {
        var job = new V1Job
        {
            Metadata = new() { Name = "job", NamespaceProperty = "ns", Uid = "job-uid" },
            Spec = new() { Completions = 1, Parallelism = 1, BackoffLimit = 6, Template = new() { Spec = new() { RestartPolicy = "Never", Containers = [new() { Name = "main" }] } } },
            Status = new() { StartTime = Now.AddMinutes(-1) },
        };
        spec?.Invoke(job.Spec);
        status?.Invoke(job.Status);
        return job;
    }

    private static V1Pod Pod(string phase, int secondsAgo = 0, int? code = null)
    {
        var over = phase is "Succeeded" or "Failed";
        return new()
        {
            Metadata = new() { Name = "pod", NamespaceProperty = "ns", Uid = Guid.NewGuid().ToString(), Finalizers = [JobDecider.TrackingFinalizer] },
            Spec = new() { Containers = [new() { Name = "main" }] },
            Status = new()
            {
                Phase = phase,
                ContainerStatuses = !over ? null :
                [
                    new() { Name = "main", State = new() { Terminated = new() { ExitCode = code ?? (phase == "Failed" ? 1 : 0), FinishedAt = Now.AddSeconds(-secondsAgo) } } },
                ],
            },
        };
    }

    private static V1PodFailurePolicy Policy(string action, int code) =>
        new() { Rules = [new() { Action = action, OnExitCodes = new() { OperatorProperty = "In", Values = [code] } }] };
}
