using System.Collections.Concurrent;
using k8s;
using k8s.Models;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.Tests.Models;

/// <summary>Plays Job controller and kubelet for fetch Jobs: each gets one pod that comes to what the queue says, then to success.</summary>
internal sealed class FetchPlayer : IAsyncDisposable
{
    private readonly Kubernetes _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<string> _played = [];
    private readonly Task _running;

    public FetchPlayer(Kubernetes client)
    {
        _client = client;
        _running = RunAsync();
    }

    /// <summary>What the next fetches of a namespace come to; null: they run and do not end.</summary>
    public ConcurrentDictionary<string, ConcurrentQueue<FetchReport?>> Outcomes { get; } = new();

    public void Next(string ns, params FetchReport?[] outcomes)
    {
        foreach (var outcome in outcomes) Outcomes.GetOrAdd(ns, _ => new()).Enqueue(outcome);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                foreach (var job in (await _client.BatchV1.ListJobForAllNamespacesAsync(cancellationToken: _stop.Token)).Items)
                {
                    if (FetchJobBuilder.IsOurs(job) && _played.Add(job.Metadata.Uid)) await PlayAsync(job);
                }

                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // told to end
        }
    }

    private async Task PlayAsync(V1Job job)
    {
        var (name, ns) = (job.Metadata.Name, job.Metadata.NamespaceProperty);
        var outcome = Outcomes.TryGetValue(ns, out var queue) && queue.TryDequeue(out var next) ? next : Seen.Complete();
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                Name = $"{name}-{job.Metadata.Uid[..5]}",
                Labels = job.Spec.Template.Metadata.Labels,
                OwnerReferences = [new V1OwnerReference { ApiVersion = "batch/v1", Kind = "Job", Name = name, Uid = job.Metadata.Uid, Controller = true }],
            },
            Spec = job.Spec.Template.Spec,
        };
        await _client.CoreV1.CreateNamespacedPodAsync(pod, ns);
        var state = outcome is null
            ? new V1ContainerState { Running = new V1ContainerStateRunning() }
            : Seen.Terminated(outcome.Complete ? 0 : outcome.Terminal ? ExitCodes.Terminal : ExitCodes.TryLater, TerminationMessage.Format(outcome), outcome.Complete ? "Completed" : "Error");
        var container = new V1ContainerStatus { Name = FetchJobBuilder.Container, Image = "operator:1", ImageID = "operator:1", State = state };
        var podStatus = new V1PodStatus { Phase = outcome is null ? "Running" : outcome.Complete ? "Succeeded" : "Failed", ContainerStatuses = [container] };
        await _client.CoreV1.PatchNamespacedPodStatusAsync(Patch(new { status = podStatus }), pod.Metadata.Name, ns);
        if (outcome is null) return;

        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var jobStatus = new V1JobStatus
        {
            StartTime = now,
            CompletionTime = outcome.Complete ? now : null,
            Succeeded = outcome.Complete ? 1 : null,
            Failed = outcome.Complete ? null : 1,
            Conditions =
            [
                new V1JobCondition { Type = outcome.Complete ? "SuccessCriteriaMet" : "FailureTarget", Status = "True", LastTransitionTime = now },
                new V1JobCondition { Type = outcome.Complete ? "Complete" : "Failed", Status = "True", LastTransitionTime = now },
            ],
        };
        await _client.BatchV1.PatchNamespacedJobStatusAsync(Patch(new { status = jobStatus }), name, ns);
    }

    private static V1Patch Patch(object content) => new(KubernetesJson.Serialize(content), V1Patch.PatchType.MergePatch);
}
