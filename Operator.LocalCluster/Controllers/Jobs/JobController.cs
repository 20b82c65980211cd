using System.Net;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Pods;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Controllers.Jobs;

/// <summary>Runs a Job's pods until enough have succeeded or too many have failed.</summary>
internal sealed class JobController : Controller<ObjectKey>
{
    private readonly WatchCache<V1Job> _jobs;
    private readonly WatchCache<V1Pod> _pods;
    private readonly CacheIndex<V1Pod> _podsByJob;

    public JobController(ClusterCaches caches)
        : base(caches, "Jobs")
    {
        _jobs = caches.Of<V1Job>();
        _pods = caches.Of<V1Pod>();
        _podsByJob = _pods.AddIndex(p => JobOf(p) is { } job ? [job.ToString()] : []);
        _jobs.Changed += (before, now) => Queue.Add(ObjectKey.Of(now ?? before!));
        _pods.Changed += (before, now) =>
        {
            if (JobOf(now ?? before!) is { } job) Queue.Add(job);
        };
    }

    protected override async Task ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        var job = _jobs.Find(key);
        var pods = _podsByJob[key.ToString()];
        foreach (var stray in pods.Where(p => p.Controller()!.Uid != job?.Metadata.Uid)) await ReleaseAsync(stray, cancellation);
        if (job is null || _jobs.IsDeleting(job)) return;

        pods = [.. pods.Where(p => p.Controller()!.Uid == job.Metadata.Uid)];
        var decision = JobDecider.Decide(job, pods, _pods.IsDeleting, Now);
        foreach (var pod in decision.Delete) await DeleteAsync(pod, cancellation);
        var created = 0;
        try
        {
            for (; created < decision.Create; created++) await CreateAsync(job, cancellation);
        }
        catch (HttpOperationException e) when (e.Is(HttpStatusCode.Forbidden) && !e.IsNamespaceTerminating())
        {
            await TellAsync(job, e.Words(), cancellation);
            throw;
        }
        finally
        {
            decision.Status.Active -= decision.Create - created;
            await ReportAsync(job, decision.Status, cancellation);
        }

        foreach (var pod in decision.Release) await ReleaseAsync(pod, cancellation);
        if (decision.LookAgainIn is { } wait) Queue.AddAfter(key, wait);
        if (JobDecider.IsFinished(decision.Status)) await ExpireAsync(key, job, decision.Status, cancellation);
    }

    private static ObjectKey? JobOf(V1Pod pod) =>
        pod.Controller() is { Kind: "Job" } owner ? new(pod.Metadata.NamespaceProperty, owner.Name) : null;

    private async Task CreateAsync(V1Job job, CancellationToken cancellation)
    {
        var pod = PodBuilder.FromTemplate(job.Spec.Template, job.Metadata.NamespaceProperty, job.Metadata.Name, job.AsController());
        foreach (var prefix in (string[])["", "batch.kubernetes.io/"])
        {
            pod.Metadata.Labels[$"{prefix}job-name"] = job.Metadata.Name;
            pod.Metadata.Labels[$"{prefix}controller-uid"] = job.Metadata.Uid;
        }

        pod.Metadata.Finalizers = [.. pod.Metadata.Finalizers ?? [], JobDecider.TrackingFinalizer];
        _pods.Observe(await Api.CreateAsync(pod, cancellation));
    }

    // Nothing else says it: a Job has no condition for it. It is told once; the tries go on.
    private async Task TellAsync(V1Job job, string words, CancellationToken cancellation)
    {
        var told = new Corev1Event
        {
            Metadata = new() { Name = $"{job.Metadata.Name}.{job.Metadata.Uid}", NamespaceProperty = job.Metadata.NamespaceProperty },
            InvolvedObject = new() { ApiVersion = "batch/v1", Kind = "Job", NamespaceProperty = job.Metadata.NamespaceProperty, Name = job.Metadata.Name, Uid = job.Metadata.Uid },
            Type = "Warning",
            Reason = "FailedCreate",
            Message = $"Error creating: {words}",
            Source = new() { Component = "job-controller" },
            ReportingComponent = "job-controller",
            FirstTimestamp = Now,
            LastTimestamp = Now,
            Count = 1,
        };
        try
        {
            await Api.CreateAsync(told, cancellation);
        }
        catch (HttpOperationException e) when (e.Is(HttpStatusCode.Conflict))
        {
        }
    }

    private async Task DeleteAsync(V1Pod pod, CancellationToken cancellation)
    {
        await ReleaseAsync(pod, cancellation); // It is given up, not failed: it must not be counted.
        await Api.DeleteAsync(_pods.Type, ObjectKey.Of(pod), pod.Metadata.Uid, cancellation);
        _pods.ObserveDeletion(pod);
    }

    private async Task ReleaseAsync(V1Pod pod, CancellationToken cancellation)
    {
        if (pod.Metadata.Finalizers?.Contains(JobDecider.TrackingFinalizer) != true) return;
        var copy = pod.Copy();
        copy.Metadata.Finalizers.Remove(JobDecider.TrackingFinalizer);
        try
        {
            _pods.Observe(await Api.ReplaceAsync(copy, cancellation));
        }
        catch (HttpOperationException e) when (e.Is(HttpStatusCode.NotFound))
        {
        }
    }

    private async Task ReportAsync(V1Job job, V1JobStatus status, CancellationToken cancellation)
    {
        if (status.Active == 0) status.Active = null;
        if (Objects.SameJson(status, job.Status)) return;
        var copy = job.Copy();
        copy.Status = status;
        _jobs.Observe(await Api.ReplaceStatusAsync(copy, cancellation));
    }

    private async Task ExpireAsync(ObjectKey key, V1Job job, V1JobStatus status, CancellationToken cancellation)
    {
        if (job.Spec.TtlSecondsAfterFinished is not { } ttl) return;
        var finished = status.Conditions.First(c => c is { Type: "Complete" or "Failed", Status: "True" }).LastTransitionTime ?? Now;
        var left = finished.AddSeconds(ttl) - Now;
        if (left > TimeSpan.Zero) Queue.AddAfter(key, left);
        else await Api.DeleteAsync(_jobs.Type, key, job.Metadata.Uid, cancellation, "Background");
    }
}
