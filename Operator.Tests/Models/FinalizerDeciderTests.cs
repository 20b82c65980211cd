using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Models;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Models;

[TestFixture]
internal sealed class FinalizerDeciderTests
{
    /// <summary>What is seen of a Model that is being deleted, and what comes of it: conditions (a minus: False), actions, and whether it is held.</summary>
    private sealed record Story(Func<ModelSnapshot> Seen, string Actions, bool Holds, string Conditions = "Available/ModelReady");

    private static readonly string OtherKey = CacheKey.Of(Situations.Other);

    private const string Removing = "-Available/Removing Progressing/Removing";

    private static readonly Dictionary<string, Story> Stories = new()
    {
        ["what stays is let go at once"] = new(() => Going(), "", Holds: false),
        ["what nobody has looked at yet is let go at once"] = new(() => Leaving(Seen.Model()), "", Holds: false, Conditions: ""),
        ["the last model of a source stops its fetch"] = new(() => Going().Running(), "Delete Job", Holds: false),
        ["another model of the source keeps it"] = new(() => Going().Running() with { Siblings = [Seen.Model("b")] }, "", Holds: false),
        ["a Job of someone else's is left alone"] = new(() => Going().WithJob(j => j.Metadata.Labels = null), "", Holds: false),
        ["a Job on its way out is"] = new(() => Going().WithJob(j => j.Metadata.DeletionTimestamp = Seen.Now.UtcDateTime), "", Holds: false),

        ["pods that serve hold it, whatever becomes of the file"] = new(() => Going() with { Servers = [Pod()] }, "", Holds: true, "Available/ModelReady InUse/InUse"),
        ["pods hold it also if its file is to go"] = new(() => Going(DeletionPolicies.Delete) with { Servers = [Pod()] }, "", Holds: true, "Available/ModelReady InUse/InUse"),
        ["pods of another model of the source don't"] = new(() => Going() with { Servers = [Pod(model: "b")] }, "", Holds: false),
        ["but its file they do"] = new(() => Going(DeletionPolicies.Delete) with { Servers = [Pod(model: "b")] }, "", Holds: true, "Available/ModelReady InUse/InUse"),
        ["pods of a model that had the source until now hold its file"] = new(() => Going(DeletionPolicies.Delete) with { Servers = [Pod(model: "b", serves: Seen.Key)] }, "", Holds: true, "Available/ModelReady InUse/InUse"),
        ["from another claim they don't"] = new(() => Going(DeletionPolicies.Delete) with { Servers = [Pod(model: "b", serves: Seen.Key, from: "weights")] }, "Create Job", Holds: true, Removing),
        ["nor what they have fetched for themselves"] = new(() => Going(DeletionPolicies.Delete) with { Servers = [Pod(model: "b", serves: Seen.Key, from: null)] }, "Create Job", Holds: true, Removing),
        ["pods of its own hold it from whatever claim"] = new(() => Going(DeletionPolicies.Delete) with { Servers = [Pod(serves: Seen.Key, from: "weights")] }, "", Holds: true, "Available/ModelReady InUse/InUse"),
        ["pods of its own that serve the file of an earlier source don't hold it"] = new(() => Going() with { Servers = [Pod(serves: OtherKey)] }, "", Holds: false),
        ["nor its file"] = new(() => Going(DeletionPolicies.Delete) with { Servers = [Pod(serves: OtherKey)] }, "Create Job", Holds: true, Removing),
        ["a file in a claim is in no folder of its source"] = new(() => Leaving(Seen.Model(source: "pvc://claim/m.gguf")) with { Servers = [Pod(serves: "folder", from: "claim")] }, "", Holds: true, Conditions: "InUse/InUse"),

        ["a file that is to go is removed"] = new(() => Going(DeletionPolicies.Delete), "Create Job", Holds: true, Removing),
        ["first its fetch ends"] = new(() => Going(DeletionPolicies.Delete).Running(), "Delete Job", Holds: true, Removing),
        ["a fetch on its way out is waited for"] = new(() => Going(DeletionPolicies.Delete).WithJob(j => j.Metadata.DeletionTimestamp = Seen.Now.UtcDateTime), "", Holds: true, Removing),
        ["a file that another model has stays"] = new(() => Going(DeletionPolicies.Delete) with { Siblings = [Seen.Model("b")] }, "", Holds: false),
        ["what removes a file that is wanted again is stopped"] = new(() => Going(DeletionPolicies.Delete).WithRemoval() with { Siblings = [Seen.Model("b")] }, "Delete Job", Holds: false),
        ["what removes a file that is to stay by now is stopped"] = new(() => Going().WithRemoval(), "Delete Job", Holds: false),
        ["a removal that waits is waited for"] = new(() => Going(DeletionPolicies.Delete).WithRemoval(), "", Holds: true, Removing),
        ["a removal that runs is waited for"] = new(() => Going(DeletionPolicies.Delete).WithRemoval().WithPod(new V1ContainerState { Running = new V1ContainerStateRunning() }), "", Holds: true, Removing),
        ["a removal that is done lets it go"] = new(() => Removed("Complete"), "Delete Job", Holds: false),
        ["a removal that failed is told"] = new(() => Removed("Failed"), "", Holds: true, Removing + " Degraded/CacheBusy"),
        ["a removal that failed is done again"] = new(() => Removed("Failed", secondsAgo: 60), "Delete Job", Holds: true, Removing + " Degraded/CacheBusy"),
        ["a removal from an earlier claim is none"] = new(() => Going(DeletionPolicies.Delete).WithRemoval() with { Claim = Bound("uid-of-next-claim") }, "Delete Job", Holds: true, Removing),
        ["a name that is taken is told"] = new(() => Going(DeletionPolicies.Delete).WithJob(j => j.Metadata.Labels = null), "", Holds: true, Removing + " Degraded/NameConflict"),
        ["without a claim there is no file"] = new(() => Going(DeletionPolicies.Delete) with { Claim = null }, "", Holds: false),
        ["on a claim without a volume there is no file"] = new(() => Going(DeletionPolicies.Delete) with { Claim = Seen.Claim() }, "", Holds: false),
        ["a claim that goes takes its files along"] = new(() => Going(DeletionPolicies.Delete) with { Claim = Seen.Claim(going: true) }, "", Holds: false),
        ["a file in a claim of the user's is the user's"] = new(() => Leaving(Seen.Model(source: "pvc://claim/m.gguf", spec: s => s.DeletionPolicy = DeletionPolicies.Delete)), "", Holds: false, Conditions: ""),
        ["what can't be fetched has no file"] = new(() => Leaving(Seen.Model(source: "s3://bucket/m.gguf", spec: s => s.DeletionPolicy = DeletionPolicies.Delete)), "", Holds: false, Conditions: ""),
    };

    private static IEnumerable<string> Names => Stories.Keys;

    [TestCaseSource(nameof(Names))]
    public void Decides(string name)
    {
        var story = Stories[name];

        var decision = FinalizerDecider.Decide(story.Seen());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(string.Join(", ", decision.Actions.Select(a => $"{a.GetType().Name} {a.Target.Kind}")), Is.EqualTo(story.Actions));
            Assert.That(decision.LookAgainIn is not null, Is.EqualTo(story.Holds));
            if (decision.Status.Conditions.Find(ConditionTypes.Degraded) is { } trouble) Assert.That(ModelFailureReasons.Known(trouble.Reason), Is.EqualTo(trouble.Reason), "it has a series of its own");
            Assert.That(string.Join(' ', (decision.Status.Conditions ?? []).Select(c => $"{(c.Status == "True" ? "" : "-")}{c.Type}/{c.Reason}")), Is.EqualTo(story.Conditions));
        }
    }

    [Test]
    public void Who_uses_a_file_is_named_once()
    {
        var seen = Going() with { Servers = [Pod("chat"), Pod("code"), Pod("chat")] };

        var decision = FinalizerDecider.Decide(seen);
        seen.Model.Status = decision.Status;
        var again = FinalizerDecider.Decide(seen);

        var use = decision.Status.Conditions.Find(ConditionTypes.InUse)!;
        Assert.That(use.Message, Does.StartWith("InferenceService chat (2 pods), InferenceService code (1 pod) still use the file"));
        Assert.That(decision.Announcements.Select(a => a.Reason), Is.EqualTo([Reasons.InUse]));
        Assert.That((StatusWriter.Same(decision.Status, again.Status), again.Announcements.Count), Is.EqualTo((true, 0)));
        Assert.That(decision.Status.Phase, Is.EqualTo(ModelPhases.Ready), "it still serves");
    }

    [Test]
    public void The_removal_has_the_fetchs_name_and_place_and_nothing_of_its_source()
    {
        var seen = Leaving(Seen.Model(source: "hf://org/repo", spec: s =>
        {
            (s.Files, s.DeletionPolicy) = (["a.gguf", "b.gguf"], DeletionPolicies.Delete);
            s.SourceSecretRef = new V1LocalObjectReference { Name = "token" };
        }));

        var job = (V1Job)FinalizerDecider.Decide(seen).Actions.OfType<DesiredAction.Create>().Single().Desired;

        var container = job.Spec.Template.Spec.Containers.Single();
        Assert.That(job.Metadata.Name, Is.EqualTo(FetchJobBuilder.NameOf(seen.Key)));
        Assert.That(job.Spec.Template.Metadata.Labels[Labels.Purpose], Is.EqualTo(Purposes.Remove));
        Assert.That(container.Args, Is.EqualTo(["remove", "--target", $"/models/{seen.Key}/a.gguf", "--termination-log", "/dev/termination-log", "--file=a.gguf", "--file=b.gguf"]));
        Assert.That(container.Env.Select(e => e.Name), Does.Not.Contain(DownloadCommand.SourceVariable));
        Assert.That(job.Spec.Template.Spec.Volumes.Select(v => v.Name), Is.EqualTo([CacheLayout.VolumeName]));
    }

    [Test]
    public void What_the_cluster_refuses_is_told_with_the_way_out()
    {
        var decision = FinalizerDecider.Refused(Going(DeletionPolicies.Delete), Seen.Refusal());

        Assert.That(decision.Status.Conditions.Find(ConditionTypes.Degraded)!.Message, Does.Contain("exceeded quota: jobs").And.EndWith("with spec.deletionPolicy Retain the file is left where it is"));
    }

    private static ModelSnapshot Going(string? policy = null) => Leaving(Seen.Model(spec: s => s.DeletionPolicy = policy).After(s => s.Succeeded()));

    private static ModelSnapshot Leaving(Model model)
    {
        model.Metadata.DeletionTimestamp = Seen.Now.UtcDateTime;
        return Seen.Of(model) with { Claim = Bound() };
    }

    private static ModelSnapshot Removed(string end, int secondsAgo = 0)
    {
        var report = end == "Complete" ? new FetchReport { Complete = true } : new FetchReport { Complete = false, Reason = Reasons.CacheBusy, Message = "another process writes it" };
        return Going(DeletionPolicies.Delete).WithRemoval(j => j.Status = Seen.Ended(end, secondsAgo)).WithPod(Seen.Terminated(report.Complete ? 0 : 1, TerminationMessage.Format(report)));
    }

    private static V1PersistentVolumeClaim Bound(string uid = "uid-of-claim")
    {
        var claim = Seen.Claim(uid: uid);
        claim.Status = new V1PersistentVolumeClaimStatus { Phase = "Bound" };
        return claim;
    }

    private static V1Pod Pod(string service = "chat", string model = "tiny", string? serves = null, string? from = CacheDefaults.ClaimName) => new()
    {
        Metadata = new V1ObjectMeta { Name = $"{service}-pod", Labels = new Dictionary<string, string> { [Labels.Service] = service, [Labels.Model] = model } },
        Spec = new V1PodSpec
        {
            Containers = [new V1Container { Args = serves is null ? null : ["--model", $"/models/{serves}/model.gguf", "--metrics"] }],
            Volumes = [from is null ? new V1Volume { Name = CacheLayout.VolumeName, EmptyDir = new V1EmptyDirVolumeSource() } : CacheLayout.Volume(from)],
        },
    };
}
