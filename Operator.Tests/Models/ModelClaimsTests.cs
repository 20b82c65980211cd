using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Models;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Models;

/// <summary>Models whose services name claims of their own, or none; and files that lie in a claim already.</summary>
[TestFixture]
internal sealed class ModelClaimsTests
{
    private const string Default = CacheDefaults.ClaimName;
    private static readonly string Job = FetchJobBuilder.NameOf(Seen.Key);
    private static readonly string FastJob = FetchJobBuilder.NameOf(Seen.Key, "fast");

    private static InferenceService On(string? claim, string name = "chat") => Seen.Service(name, spec: s => s.ModelCache = claim is null ? null : new ModelCacheSpec { ClaimName = claim });

    private static InferenceService Ephemeral(string name = "chat") => Seen.Service(name, spec: s => s.ModelCache = new ModelCacheSpec { Persistence = CachePersistences.Ephemeral });

    private static readonly Dictionary<string, (Model Model, InferenceService[] Services, string[] Wants)> Wishes = new()
    {
        ["without services it is fetched ahead"] = (Seen.Model(), [], [Default]),
        ["a service that says nothing uses the namespace's"] = (Seen.Model(), [On(null)], [Default]),
        ["a service's own claim is the only one"] = (Seen.Model(), [On("fast")], ["fast"]),
        ["of several the namespace's comes first, then those of the oldest"] = (Seen.Model(), [On("slow", "a"), On("fast", "b"), On("slow", "c"), On(null, "d")], [Default, "slow", "fast"]),
        ["pods that fetch for themselves need none"] = (Seen.Model(), [Ephemeral()], []),
        ["unless there are others"] = (Seen.Model(), [Ephemeral("a"), On("fast", "b")], ["fast"]),
        ["a service that can't run has no say"] = (Seen.Model(), [On("Not_A_Name")], [Default]),
        ["a file in a claim is in that"] = (Seen.Model(source: "pvc://weights/m.gguf"), [On("fast")], ["weights"]),
        ["what goes is in the namespace's alone"] = (Leaving(Seen.Model()), [On("fast")], [Default]),
    };

    private static IEnumerable<string> WishNames => Wishes.Keys;

    [TestCaseSource(nameof(WishNames))]
    public void Claims_are_wanted_by_services(string name) => Assert.That(ModelClaims.Wanted(Wishes[name].Model, Wishes[name].Services), Is.EqualTo(Wishes[name].Wants));

    private static readonly Dictionary<string, (Func<ModelSnapshot> Seen, string Want)> Stories = new()
    {
        ["a claim of the user's is fetched into"] = (() => Claimed.Of("fast", Seen.Model(), On("fast")), $"Pending; fast=Pending; Create Job {FastJob}"),
        ["one of which nobody tells us is labelled"] = (() => Unlabelled(Claimed.Of("fast", Seen.Model(), On("fast"))), $"Pending; fast=Pending; Patch PersistentVolumeClaim fast; Create Job {FastJob}"),
        ["one that is not there is not made"] = (() => Claimed.Of("fast", Seen.Model(), On("fast")) with { Claim = null }, "Pending; fast=Pending"),
        ["each claim has a fetch of its own"] = (() => Both(), $"Pending; {Default}=Pending; fast=Pending; Create Job {Job}; Create Job {FastJob}"),
        ["what is in one claim is not in the other"] =
            (() => Both().Succeeded().Told(), $"Ready; {Default}=Ready; fast=Pending; Delete Job {Job}; Create Job {FastJob}"),
        ["the second one's result is taken and its Job goes"] =
            (() => Further(Both().Succeeded(), f => f.Succeeded()).Told(), $"Ready; {Default}=Ready; fast=Ready; Delete Job {Job}; Delete Job {FastJob}"),
        ["a failure of one is not the other's"] =
            (() => Further(Both().Succeeded(), f => f.Failed(new FetchReport { Complete = false, Reason = Reasons.OutOfSpace, Message = "full" })), $"Ready; {Default}=Ready; fast=Downloading"),
        ["a slot that one lacks is not taken from the other"] = (() => Further(Both(), f => f with { MayFetch = false }), $"Pending; {Default}=Pending; fast=Pending; Create Job {Job}"),
        ["pods that fetch for themselves need no Job"] = (() => Seen.Of(Seen.Model()) with { ClaimName = null, Claim = null, Services = [Ephemeral()] }, "Ready"),
        ["but a source that can't be fetched is told"] = (() => Seen.Of(Seen.Model(source: "s3://b/m.gguf")) with { ClaimName = null, Claim = null, Services = [Ephemeral()] }, "Failed"),
        ["a file in a claim is proved there"] = (() => InPlace(), $"Pending; Create Job {FetchJobBuilder.NameOf(InPlace().Key, "weights")}"),
        ["while it is it says so"] = (() => InPlace().Running(), "Copying"),
        ["a file in a claim is served from there"] = (() => InPlace().Succeeded(Seen.Complete(cached: true)), "Ready"),
        ["a claim of a file that is not there is waited for"] = (() => InPlace() with { Claim = null }, "Pending"),
    };

    private static IEnumerable<string> StoryNames => Stories.Keys;

    [TestCaseSource(nameof(StoryNames))]
    public void Each_claim_is_decided_upon_by_itself(string name) => Assert.That(Claimed.Short(ModelDecider.Decide(Stories[name].Seen())), Is.EqualTo(Stories[name].Want));

    [TestCaseSource(nameof(StoryNames))]
    public void What_is_told_once_is_told_the_same_again(string name)
    {
        var told = Stories[name].Seen().Told();

        Assert.That(StatusWriter.Same(ModelDecider.Decide(told).Status, told.Model.Status), Is.True);
    }

    [Test]
    public void A_status_speaks_of_each_claim_and_of_no_other()
    {
        var model = Further(Both().Succeeded(), f => f.Failed(Seen.NotFound())).Told().Model;

        Assert.That(CacheStatuses.Of(model, Default), Has.Property("Phase").EqualTo(ModelPhases.Ready).And.Property("CacheClaimUid").EqualTo("uid-of-claim"));
        Assert.That(CacheStatuses.Of(model, "fast")!.Conditions.Find(ConditionTypes.Degraded)!.Reason, Is.EqualTo(Reasons.SourceNotFound));
        Assert.That(CacheStatuses.Of(model, "other"), Is.Null);
        Assert.That(CacheStatuses.Of(Situations.Ready(), "fast"), Is.Null, "a status without them is of the namespace's claim");
    }

    [Test]
    public void A_claim_that_is_missing_is_named_with_the_field_that_names_it()
    {
        Assert.That(TroubleOf(Claimed.Of("fast", Seen.Model(), On("fast")) with { Claim = null }).Message, Does.StartWith("spec.modelCache.claimName of InferenceService chat names the PersistentVolumeClaim fast, which is not in"));
        Assert.That(TroubleOf(InPlace() with { Claim = null }).Message, Does.StartWith("spec.source names the PersistentVolumeClaim weights, which is not in"));
        Assert.That(TroubleOf(InPlace() with { Claim = null }).Reason, Is.EqualTo(Reasons.CacheVolumeUnbindable));
    }

    [Test]
    public void That_pods_fetch_for_themselves_is_said_and_proves_nothing()
    {
        var status = ModelDecider.Decide(Stories["pods that fetch for themselves need no Job"].Seen()).Status;

        Assert.That(status.Conditions.Find(ConditionTypes.Available), Has.Property("Status").EqualTo("True").And.Property("Reason").EqualTo(Reasons.FetchedByPods));
        Assert.That((status.Sha256, status.SizeBytes, status.CacheClaimUid, status.Path), Is.EqualTo(((string?)null, (long?)null, (string?)null, $"/models/{Seen.Key}/model.gguf")));
    }

    [TestCase(true, "Failed")]
    [TestCase(false, "Ready")]
    public void A_file_in_a_claim_must_be_the_one_that_is_wanted(bool isOther, string phase)
    {
        var seen = Claimed.Of("weights", Seen.Model(source: "pvc://weights/m.gguf", spec: s => s.Sha256 = isOther ? Situations.Wrong : Seen.Sha256)).Succeeded(Seen.Complete(cached: true));

        Assert.That(ModelDecider.Decide(seen).Status.Phase, Is.EqualTo(phase));
    }

    [TestCase("pvc://weights/m.gguf", "weights")]
    [TestCase(Seen.Source, "fast")]
    public void Nothing_is_removed_from_a_claim_of_the_users(string source, string claim)
    {
        var seen = Claimed.Of(claim, Leaving(Seen.Model(source: source, spec: s => s.DeletionPolicy = DeletionPolicies.Delete)));
        seen.Claim!.Status = new V1PersistentVolumeClaimStatus { Phase = "Bound" };

        var decision = FinalizerDecider.Decide(seen);

        Assert.That((decision.Actions.Count, decision.LookAgainIn), Is.EqualTo((0, (TimeSpan?)null)));
    }

    [Test]
    public void Models_of_one_source_share_a_fetch_of_the_claim_that_both_want()
    {
        var other = Seen.Model("other");
        var seen = Both() with { Siblings = [other] };
        seen = seen with { Services = [.. seen.Services, Seen.Service("third", "other", s => s.ModelCache = new ModelCacheSpec { ClaimName = "fast" })] };
        seen = seen with { Others = [.. seen.Others.Select(o => o with { Siblings = seen.Siblings, Services = seen.Services })] };

        var jobs = ModelDecider.Decide(seen).Actions.OfType<DesiredAction.Create>().Select(a => (V1Job)a.Desired).ToDictionary(j => j.Metadata.Name, j => j.Metadata.OwnerReferences.Select(o => o.Name));

        Assert.That(jobs[Job], Is.EqualTo(["tiny"]));
        Assert.That(jobs[FastJob], Is.EqualTo(["other", "tiny"]));
    }

    [Test]
    public void An_accelerator_is_ready_whichever_claim_its_server_uses()
    {
        var seen = Both().Succeeded();
        seen.Model.Spec.Hardware = new HardwareSpec { Accelerator = Accelerators.Cuda };
        Assert.That(ModelDecider.Decide(seen).Status.AcceleratorReady, Is.False);

        seen.Services[1].Status = new InferenceServiceStatus { Phase = InferenceServicePhases.Ready };

        Assert.That(ModelDecider.Decide(seen).Status.AcceleratorReady, Is.True);
    }

    [Test]
    public void A_fetch_goes_where_those_are_to_run_that_use_its_claim()
    {
        InferenceService Pinned(string name, string? claim, string pool)
        {
            var service = On(claim, name);
            service.Spec.NodeSelector = new Dictionary<string, string> { ["pool"] = pool };
            return service;
        }

        var seen = (Seen.Of(Seen.Model()) with { Services = [Pinned("first", null, "a"), Pinned("second", "fast", "b")] }).And("fast");

        var pools = ModelDecider.Decide(seen).Actions.OfType<DesiredAction.Create>().Select(a => ((V1Job)a.Desired).Spec.Template.Spec.NodeSelector["pool"]);

        Assert.That(pools, Is.EqualTo(["a", "b"]));
    }

    [TestCase("node(s) didn't match pod affinity rules", Reasons.CacheSingleNode)]
    [TestCase("node(s) didn't match PersistentVolume's node affinity", Reasons.CacheSingleNode)]
    [TestCase("pod has unbound immediate PersistentVolumeClaims", Reasons.CacheVolumeUnbindable)]
    public void What_keeps_a_fetch_from_its_node_is_told_with_its_cures(string words, string reason)
    {
        var condition = new V1PodCondition
        {
            Type = "PodScheduled",
            Status = "False",
            Reason = "Unschedulable",
            Message = $"0/2 nodes are available: 2 {words}.",
            LastTransitionTime = Seen.Now.UtcDateTime.AddMinutes(-5),
        };

        var trouble = TroubleOf(Seen.Of(Seen.Model()).WithJob().WithPod(condition: condition));

        Assert.That(trouble.Reason, Is.EqualTo(reason));
        if (reason == Reasons.CacheSingleNode) Assert.That(trouble.Message, Does.Contain("ReadWriteMany").And.Contain("spec.modelCache.claimName").And.Contain("Ephemeral"));
    }

    [Test]
    public void A_fetch_goes_where_the_oldest_service_with_a_wish_may_be()
    {
        var required = new V1NodeSelector { NodeSelectorTerms = [new V1NodeSelectorTerm { MatchExpressions = [new V1NodeSelectorRequirement { Key = "zone", OperatorProperty = "In", Values = ["a"] }] }] };
        var first = Seen.Service("first", spec: s => s.Affinity = new V1Affinity { NodeAffinity = new V1NodeAffinity { RequiredDuringSchedulingIgnoredDuringExecution = required } });
        var second = Seen.Service("second", spec: s => s.NodeSelector = new Dictionary<string, string> { ["zone"] = "b" });

        var pod = FetchJobBuilder.Build(Seen.Of(Seen.Model()) with { Services = [first, second] }, new SourceAddress.Local("/x")).Spec.Template.Spec;

        Assert.That((pod.NodeSelector, pod.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution), Is.EqualTo(((IDictionary<string, string>?)null, required)));
    }

    private static V1Condition TroubleOf(ModelSnapshot seen) => ModelDecider.Decide(seen).Status.Conditions.Find(ConditionTypes.Degraded)!;

    private static ModelSnapshot InPlace() => Claimed.Of("weights", Seen.Model(source: "pvc://weights/m.gguf"));

    private static ModelSnapshot Both() => (Seen.Of(Seen.Model()) with { Services = [On(null, "first"), On("fast", "second")] }).And("fast");

    private static ModelSnapshot Further(ModelSnapshot seen, Func<ModelSnapshot, ModelSnapshot> with) => seen with { Others = [.. seen.Others.Select(with)] };

    private static ModelSnapshot Unlabelled(ModelSnapshot seen)
    {
        seen.Claim!.Metadata.Labels = null;
        return seen;
    }

    private static Model Leaving(Model model)
    {
        model.Metadata.DeletionTimestamp = Seen.Now.UtcDateTime;
        return model;
    }
}
