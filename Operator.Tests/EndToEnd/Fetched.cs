using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary>Plays Job controller and kubelet for a fetch that succeeds.</summary>
internal static class Fetched
{
    public static async Task SayAsync(Kubernetes client, string ns, string source)
    {
        var name = FetchJobBuilder.NameOf(CacheKey.Of(source));
        var job = (await OperatorUnderTest.UntilAsync(
            async () => (await client.BatchV1.ListNamespacedJobAsync(ns)).Items.FirstOrDefault(j => j.Metadata.Name == name), j => j is not null, $"the Job {name} is there"))!;
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                Name = $"{name}-1",
                Labels = job.Spec.Template.Metadata.Labels,
                OwnerReferences = [new V1OwnerReference { ApiVersion = "batch/v1", Kind = "Job", Name = name, Uid = job.Metadata.Uid, Controller = true }],
            },
            Spec = job.Spec.Template.Spec,
        };
        await client.CoreV1.CreateNamespacedPodAsync(pod, ns);
        var report = new FetchReport { Complete = true, Sha256 = new string('a', 64), Bytes = 4096, Transferred = 4096, Seconds = 3 };
        var status = new V1PodStatus
        {
            Phase = "Succeeded",
            ContainerStatuses =
            [
                new V1ContainerStatus
                {
                    Name = FetchJobBuilder.Container,
                    Image = "operator:1",
                    ImageID = "operator:1",
                    State = new V1ContainerState { Terminated = new V1ContainerStateTerminated { ExitCode = 0, Reason = "Completed", Message = TerminationMessage.Format(report) } },
                },
            ],
        };
        await client.CoreV1.PatchNamespacedPodStatusAsync(new V1Patch(KubernetesJson.Serialize(new { status }), V1Patch.PatchType.MergePatch), pod.Metadata.Name, ns);
        await CompleteAsync(client, ns, name);
    }

    private static async Task CompleteAsync(Kubernetes client, string ns, string name)
    {
        var now = new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);
        var status = new V1JobStatus
        {
            Succeeded = 1,
            StartTime = now,
            CompletionTime = now.AddSeconds(3),
            Conditions =
            [
                new V1JobCondition { Type = "SuccessCriteriaMet", Status = "True", LastTransitionTime = now },
                new V1JobCondition { Type = "Complete", Status = "True", LastTransitionTime = now },
            ],
        };
        await client.BatchV1.PatchNamespacedJobStatusAsync(new V1Patch(KubernetesJson.Serialize(new { status }), V1Patch.PatchType.MergePatch), name, ns);
    }
}
