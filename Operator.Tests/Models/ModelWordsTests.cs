using k8s.Models;
using KubeOps.Abstractions.Events;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Models;
using LlmKube.Operator.Reconciling;
using static LlmKube.Operator.Tests.Models.Situations;

namespace LlmKube.Operator.Tests.Models;

/// <summary>What the status says of a fetch in words, and when it says it again.</summary>
[TestFixture]
internal sealed class ModelWordsTests
{
    [Test]
    public void The_servers_and_the_schedulers_words_reach_the_user()
    {
        Assert.That(ModelDecider.Decide(New().Failed(Seen.NotFound())).Status.Conditions.Find(ConditionTypes.Degraded)!.Message, Does.Contain("404 Not Found: Entry not found"));
        Assert.That(ModelDecider.Decide(New().WithJob().WithPod(condition: Unschedulable)).Status.Conditions.Find(ConditionTypes.Progressing)!.Message, Does.Contain("0/3 nodes are available"));
        Assert.That(ModelDecider.Decide(New().FailedWith(null, 137, reason: "OOMKilled")).Status.Conditions.Find(ConditionTypes.Degraded)!.Message, Is.EqualTo("the fetch ended with exit code 137 (OOMKilled)"));
    }

    [TestCase("ErrImagePull", "rpc error: code = NotFound", "ImagePullBackOff", "Back-off pulling image", "the image \"llmkube-operator:1\" can't be pulled")]
    [TestCase(
        "CreateContainerError", "container 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef exists",
        "CreateContainerError", "container fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210 exists", "CreateContainerError: container ... exists")]
    public void A_node_that_tries_again_and_again_is_no_news(string reason, string message, string nextReason, string nextMessage, string words)
    {
        var first = Waiting(Seen.Model(), reason, message);
        var model = Seen.Model();
        model.Status = first;

        var second = Waiting(model, nextReason, nextMessage);

        Assert.That(first.Conditions.Find(ConditionTypes.Progressing)!.Message, Does.EndWith($": {words}"));
        Assert.That(StatusWriter.Same(first, second), Is.True);

        static ModelStatus Waiting(Model model, string reason, string message) => ModelDecider.Decide(
            Seen.Of(model).WithJob().WithPod(new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = reason, Message = message } })).Status;
    }

    [Test]
    public void A_refusal_is_told_in_the_servers_words_once_and_not_again_while_it_lasts()
    {
        var first = ModelDecider.Decide(New(), Seen.Refusal());
        var model = Seen.Model();
        model.Status = first.Status;

        var second = ModelDecider.Decide(Seen.Of(model) with { Now = Seen.Now.AddMinutes(5) }, Seen.Refusal());

        Assert.That(first.Status.Conditions.Find(ConditionTypes.Degraded)!.Message, Is.EqualTo($"The cluster refused Job {FetchJobBuilder.NameOf(Seen.Key)}: exceeded quota: jobs"));
        Assert.That(first.Announcements.Select(a => a.Type), Is.EqualTo([EventType.Warning]));
        Assert.That((StatusWriter.Same(first.Status, second.Status), second.Announcements.Count), Is.EqualTo((true, 0)));
    }

    [TestCase(Reasons.SourceUnreachable, "the connection broke at byte 17: reset", "the connection broke at byte 4711: reset", "the connection broke: reset")]
    [TestCase(Reasons.SourceUnreachable, "1000 bytes were announced and the source ended at byte 17", "1000 bytes were announced and the source ended at byte 400", "1000 bytes were announced and the source ended early")]
    [TestCase(Reasons.SourceUnreachable, "The response ended prematurely, with at least 17 additional bytes expected. (ResponseEnded)", "The response ended prematurely, with at least 9 additional bytes expected. (ResponseEnded)", "The response ended prematurely, with more bytes expected. (ResponseEnded)")]
    [TestCase(Reasons.SourceStalled, "nothing came for 60 s at byte 17", "nothing came for 60 s at byte 18", "nothing came for 60 s")]
    [TestCase(Reasons.Interrupted, "stopped at byte 17", "stopped at byte 18", "stopped")]
    [TestCase(Reasons.OutOfSpace, "900 bytes are still to come and the cache volume has 17 free", "800 bytes are still to come and the cache volume has 9 free", "the cache volume has less free than is still to come")]
    [TestCase(Reasons.SourceUnauthorized, "h answered 403 Forbidden: RequestId 7Q2W9E4R5T6Y7U8I", "h answered 403 Forbidden: RequestId 1A2B3C4D5E6F7G8H", "h answered 403 Forbidden: RequestId ...")]
    [TestCase(Reasons.SourceUnreachable, "h answered 503: id 0f8fad5b-d9cb-469f-a165-70867728950e", "h answered 503: id 7c9e6679-7425-40de-944b-e07fc1f90ae7", "h answered 503: id ...")]
    public void A_cause_that_lasts_is_told_once(string reason, string first, string next, string told)
    {
        var model = Seen.Model().After(s => s.Failed(new FetchReport { Complete = false, Reason = reason, Message = first }));
        Assert.That(model.Status.Conditions.Find(ConditionTypes.Degraded)!.Message, Is.EqualTo(told));
        model.After(s => s).After(s => s.Running());

        var again = ModelDecider.Decide(Seen.Of(model).Failed(new FetchReport { Complete = false, Reason = reason, Message = next }));

        Assert.That(again.Announcements, Is.Empty);
        Assert.That(again.Status.Conditions.Find(ConditionTypes.Degraded)!.Message, Is.EqualTo(told));
    }

    [Test]
    public void A_hash_is_no_number_of_a_request()
    {
        var report = Mismatch with { Terminal = false, Message = $"what came has the sha256 {Seen.Sha256[1..]}0, and h announced {Wrong[1..]}0" };

        Assert.That(ModelStatuses.MessageOf(report), Is.EqualTo(report.Message));
    }

    [Test]
    public void Who_waits_long_for_other_fetches_is_told_so_and_who_waits_shortly_costs_no_write()
    {
        var model = Seen.Model();
        model.Status = At(0).Status;
        var soon = At(29);
        model.Status = soon.Status;
        var late = At(30);

        Assert.That(soon.Status.Conditions.Find(ConditionTypes.Progressing)!.Message, Is.EqualTo("Waiting for the fetch to start"));
        Assert.That(late.Status.Conditions.Find(ConditionTypes.Progressing)!.Message, Is.EqualTo("Waiting for one of the running fetches to end"));
        Assert.That(StatusWriter.Same(ModelDecider.Decide(New()).Status, At(0).Status), Is.True);

        Decision<ModelStatus> At(int seconds) => ModelDecider.Decide(Seen.Of(model) with { MayFetch = false, Now = Seen.Now.AddSeconds(seconds) });
    }

    [Test]
    public void What_keeps_a_fetch_from_beginning_is_told_without_what_changes()
    {
        var noVolume = ModelDecider.Decide(New().WithJob().WithPod(condition: NoVolume(minutesAgo: 1))).Status;
        var noPod = ModelDecider.Decide(New().WithJob() with { FetchEvents = [FailedCreate("abcde")] }).Status;

        var noMount = ModelDecider.Decide(New().WithJob().Placed() with { FetchEvents = [Mounting("FailedAttachVolume", MultiAttach)] }).Status;

        Assert.That(noMount.Conditions.Find(ConditionTypes.Degraded)!.Message, Is.EqualTo($"The fetch gets no volume for the cache claim llmkube-model-cache: {MultiAttach}"));
        Assert.That(
            noVolume.Conditions.Find(ConditionTypes.Degraded)!.Message,
            Does.StartWith("The fetch gets no volume for the cache claim llmkube-model-cache: pod has unbound immediate PersistentVolumeClaims. Look at"));
        Assert.That(
            noPod.Conditions.Find(ConditionTypes.Degraded)!.Message,
            Is.EqualTo($"The cluster refuses the fetch's pod: Error creating: pods \"{FetchJobBuilder.NameOf(Seen.Key)}\" is forbidden: exceeded quota: pods"));
    }
}
