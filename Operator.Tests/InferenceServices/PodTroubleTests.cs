using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>The words about pods that don't come up.</summary>
public sealed class PodTroubleTests
{
    [Test]
    public void A_program_that_can_t_be_begun_is_told_in_the_same_words_while_it_is_tried_and_between()
    {
        const string Words = "failed to create task for container: exec: \"llama-server\": executable file not found in $PATH: unknown";
        var tried = A.Crashing("a", 128, "StartError", Words);
        tried.Status.ContainerStatuses[0].State.Waiting = new V1ContainerStateWaiting { Reason = "RunContainerError", Message = "failed to start containerd task: " + Words };
        var ended = A.Crashing("a", 128, "StartError", Words, restarts: 1);
        ended.Status.ContainerStatuses[0].State = ended.Status.ContainerStatuses[0].LastState;

        PodTrouble?[] told = [PodTrouble.Of([tried], null), PodTrouble.Of([A.Crashing("a", 128, "StartError", Words)], null), PodTrouble.Of([ended], null)];

        Assert.That(told, Is.All.EqualTo(new PodTrouble(Reasons.PodCreationFailed, $"container llama-server can't be created: {Words}")));
        Assert.That(PodTrouble.Of([A.Crashing("a", 128, "ContainerCannotRun", Words)], null), Is.EqualTo(told[0]));
    }

    [Test]
    public void A_program_that_runs_at_last_is_not_kept_from_it()
    {
        var runs = A.Restarted(A.Crashing("a", 128, "StartError", "no such device", restarts: 1));

        Assert.That(PodTrouble.Of([runs], null), Is.Null);
    }

    [TestCase("CreateContainerError", "failed to create task 0123456789abcdef0123: no such device", "failed to create task ...: no such device")]
    [TestCase("RunContainerError", "mount /var/lib/kubelet/pods/0f6a1b2c-0000-4444-8888-0123456789ab/volumes: full", "mount /var/lib/kubelet/pods/.../volumes: full")]
    public void The_words_about_a_pod_stay_the_same_while_the_cause_does(string reason, string words, string lasting) =>
        Assert.That(PodTrouble.Of([A.Waiting("a", reason, words)], null)?.Message, Does.EndWith(lasting));
}
