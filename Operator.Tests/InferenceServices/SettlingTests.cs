using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>When it is worth waiting for the Deployment's controller before anything is reported.</summary>
public sealed class SettlingTests
{
    [TestCase(0, 0, 2, TestName = "Pods that have just become ready will be counted")]
    [TestCase(0, 2, null, TestName = "A controller that takes longer is not waited for")]
    [TestCase(0, -60, null, TestName = "Nor is one whose clock is ahead")]
    [TestCase(1, 0, null, TestName = "Pods that are counted are reported")]
    [TestCase(0, 0, null, false, TestName = "A rollout that no status has told of yet is told of first")]
    public void Waits(int counted, int readySince, int? seconds, bool isTold = true)
    {
        var (service, model) = (A.Service(), A.Model());
        var pod = A.Pod("chat-0", ready: true);
        pod.Status.Conditions[0].LastTransitionTime = A.Now.UtcDateTime.AddSeconds(-readySince);
        var deployment = A.DeploymentOf(service, model, updated: 1, ready: counted);
        deployment.Metadata.Annotations = new Dictionary<string, string> { [Annotations.DeploymentRevision] = "1" };
        service.Status = new InferenceServiceStatus { RolloutRevision = isTold ? ServiceStatusBuilder.RevisionOf(deployment) : null };
        var seen = A.Seen(service, model, deployment: deployment, pods: [pod]);

        Assert.That(Settling.Wait(seen)?.TotalSeconds, Is.EqualTo(seconds));
    }
}
