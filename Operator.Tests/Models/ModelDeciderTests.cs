using k8s.Models;
using KubeOps.Abstractions.Events;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;
using static LlmKube.Operator.Tests.Models.Situations;

namespace LlmKube.Operator.Tests.Models;

[TestFixture]
internal sealed class ModelDeciderTests
{
    /// <summary>What is seen, and what comes of it: phase, conditions (a minus: False), actions, Events, and whether to look again.</summary>
    private sealed record Story(Func<ModelSnapshot> Seen, string Phase, string Conditions, string Actions = "", string Events = "", bool LooksAgain = false);

    private static readonly Dictionary<string, Story> Stories = new()
    {
        ["a new model gets a claim first, which its fetch is tied to"] = new(() => New() with { Claim = null }, "Pending", "-Available/Pending Progressing/Pending", "Create PersistentVolumeClaim", LooksAgain: true),
        ["a claim that is there is used as it is"] = new(() => New(), "Pending", "-Available/Pending Progressing/Pending", "Create Job"),
        ["where as many fetches run as may a model waits"] = new(() => New() with { MayFetch = false }, "Pending", "-Available/Pending Progressing/Pending", LooksAgain: true),
        ["who waits for a fetch takes what another model has"] = new(() => Seen.Of(Seen.Model("b")) with { Siblings = [Ready()], MayFetch = false }, "Ready", "Available/ModelCached", Events: "ModelCached"),
        ["a claim of someone else's is used, and labelled"] = new(() => New() with { Claim = Seen.Claim(labelled: false) }, "Pending", "-Available/Pending Progressing/Pending", "Patch PersistentVolumeClaim, Create Job"),
        ["a claim on its way out is waited for"] = new(() => New() with { Claim = Seen.Claim(going: true) }, "Pending", "-Available/Pending Progressing/Pending"),
        ["a fetch whose pod is not there yet is pending"] = new(() => New().WithJob(), "Pending", "-Available/Pending Progressing/Pending", LooksAgain: true),
        ["a fetch whose pod finds no node is pending"] = new(() => New().WithJob().WithPod(condition: Unschedulable), "Pending", "-Available/Pending Progressing/Pending"),
        ["a volume that has not come yet is waited for"] = new(() => New().WithJob().WithPod(condition: NoVolume()), "Pending", "-Available/Pending Progressing/Pending", LooksAgain: true),
        ["a volume that does not come is told"] = new(() => New().WithJob().WithPod(condition: NoVolume(minutesAgo: 1)), "Pending", "-Available/Pending Progressing/Pending Degraded/CacheVolumeUnbindable", Events: "CacheVolumeUnbindable!"),
        ["a volume that came is no trouble any more"] = new(() => Seen.Of(Seen.Model().After(s => s.WithJob().WithPod(condition: NoVolume(minutesAgo: 1)))).Running(), "Downloading", "-Available/DownloadStarted Progressing/DownloadStarted", Events: "DownloadStarted"),
        ["a pod that can't be made is told"] = new(() => New().WithJob() with { FetchEvents = [FailedCreate("abcde")] }, "Pending", "-Available/Pending Progressing/Pending Degraded/PodCreationFailed", Events: "PodCreationFailed!", LooksAgain: true),
        ["a pod that can't be made is told once"] = new(() => Seen.Of(Seen.Model().After(s => s.WithJob() with { FetchEvents = [FailedCreate("abcde")] })).WithJob() with { FetchEvents = [FailedCreate("fghij")] }, "Pending", "-Available/Pending Progressing/Pending Degraded/PodCreationFailed", LooksAgain: true),
        ["a pod that does not begin where it has been placed is asked why"] = new(() => New().WithJob().Placed(), "Pending", "-Available/Pending Progressing/Pending", LooksAgain: true),
        ["a volume that can't be attached where the pod is placed is told"] = new(() => New().WithJob().Placed() with { FetchEvents = [Mounting("FailedAttachVolume", MultiAttach)] }, "Pending", "-Available/Pending Progressing/Pending Degraded/CacheVolumeUnbindable", Events: "CacheVolumeUnbindable!", LooksAgain: true),
        ["a Secret that is not there is told"] = new(() => New().WithJob().Placed() with { FetchEvents = [Mounting("FailedMount", "MountVolume.SetUp failed for volume \"credentials\" : secret \"hub\" not found")] }, "Pending", "-Available/Pending Progressing/Pending Degraded/PodCreationFailed", Events: "PodCreationFailed!", LooksAgain: true),
        ["a running fetch is Downloading"] = new(() => New().Running(), "Downloading", "-Available/DownloadStarted Progressing/DownloadStarted", Events: "DownloadStarted"),
        ["a running fetch of a path is Copying"] = new(() => Local("/srv/models/a.gguf").Running(), "Copying", "-Available/CopyStarted Progressing/CopyStarted", Events: "CopyStarted"),
        ["a fetch that has done it makes the model Ready, and stays until that is written"] = new(() => New().Succeeded(), "Ready", "Available/ModelReady", Events: "ModelReady"),
        ["a fetch whose result is written is deleted"] = new(() => Seen.Of(Ready()).Succeeded(), "Ready", "Available/ModelReady", "Delete Job"),
        ["a fetch whose result a sibling has not taken stays"] = new(() => Seen.Of(Ready()).Succeeded() with { Siblings = [Seen.Model("b")] }, "Ready", "Available/ModelReady", LooksAgain: true),
        ["a sibling that has taken it keeps nothing"] = new(() => Seen.Of(Ready()).Succeeded() with { Siblings = [Ready("b")] }, "Ready", "Available/ModelReady", "Delete Job"),
        ["a sibling that can't be fetched keeps nothing"] = new(() => Seen.Of(Ready()).Succeeded() with { Siblings = [Seen.Model("b", spec: s => s.Format = "safetensors")] }, "Ready", "Available/ModelReady", "Delete Job"),
        ["an artefact with its marker is a hit"] = new(() => New().Succeeded(Seen.Complete(cached: true)), "Ready", "Available/ModelCached", Events: "ModelCached"),
        ["a ready model is left alone"] = new(() => Seen.Of(Ready()), "Ready", "Available/ModelReady"),
        ["a ready model whose spec changes elsewhere stays ready"] = new(() => Seen.Of(Edited(Ready(), m => m.Spec.Quantization = "Q8_0")), "Ready", "Available/ModelReady"),
        ["a ready model whose claim is gone is fetched anew"] = new(() => Seen.Of(Ready()) with { Claim = null }, "Pending", "-Available/Pending Progressing/Pending", "Create PersistentVolumeClaim", LooksAgain: true),
        ["a ready model whose claim is another by now is fetched anew"] = new(() => Seen.Of(Ready()) with { Claim = NextClaim }, "Pending", "-Available/Pending Progressing/Pending", "Create Job"),
        ["a result on an earlier claim is none"] = new(() => New().Succeeded() with { Claim = NextClaim }, "Pending", "-Available/Pending Progressing/Pending", "Delete Job"),
        ["a running fetch to an earlier claim is stopped"] = new(() => New().Running() with { Claim = NextClaim }, "Pending", "-Available/Pending Progressing/Pending", "Delete Job"),
        ["a sibling that is Ready on an earlier claim has not taken the result"] = new(() => (Seen.Of(Ready(on: NextClaim)) with { Claim = NextClaim }).Succeeded() with { Siblings = [Ready("b")] }, "Ready", "Available/ModelReady", LooksAgain: true),
        ["a model that was Ready without a proof is proved"] = new(() => Seen.Of(Edited(Ready(), m => m.Status.Sha256 = null)), "Pending", "-Available/Pending Progressing/Pending", "Create Job"),
        ["a new source forgets the old result and its fetch"] = new(() => Seen.Of(Edited(Ready(), m => m.Spec.Source = Other)) with { Strays = [New().WithJob().Job!] }, "Pending", "-Available/Pending Progressing/Pending", "Delete Job, Create Job"),

        ["a source that does not exist is the end of it"] = new(() => New().Failed(Seen.NotFound()), "Failed", "-Available/SourceNotFound Degraded/SourceNotFound", Events: "SourceNotFound!"),
        ["a failure that is written is cleaned up"] = new(() => Seen.Of(NotFound()).Failed(Seen.NotFound()), "Failed", "-Available/SourceNotFound Degraded/SourceNotFound", "Delete Job"),
        ["a failure that stands is not tried again"] = new(() => Seen.Of(NotFound()), "Failed", "-Available/SourceNotFound Degraded/SourceNotFound"),
        ["any change of the spec tries again"] = new(() => Seen.Of(Edited(NotFound(), m => m.Spec.Quantization = "x")), "Pending", "-Available/Pending Progressing/Pending", "Create Job"),
        ["a change of the spec before the failed fetch is gone tries again, too"] = new(() => Seen.Of(Edited(NotFound(), m => m.Spec.Quantization = "x")).Failed(Seen.NotFound()), "Failed", "-Available/SourceNotFound Degraded/SourceNotFound", "Delete Job"),
        ["an earlier failure is out of sight when the new fetch runs"] = new(() => Seen.Of(Edited(NotFound(), m => m.Spec.Quantization = "x")).Running(), "Downloading", "-Available/DownloadStarted Progressing/DownloadStarted", Events: "DownloadStarted"),
        ["what the cluster refused is out of sight when the fetch runs"] = new(() => Seen.Of(Blocked()).Running(), "Downloading", "-Available/DownloadStarted Progressing/DownloadStarted", Events: "DownloadStarted"),
        ["what the cluster refused is tried again"] = new(() => Seen.Of(Blocked()), "Pending", "-Available/Pending Progressing/Pending", "Create Job"),
        ["a failure after a new source is forgotten"] = new(() => Seen.Of(Edited(NotFound(), m => m.Spec.Source = Other)), "Pending", "-Available/Pending Progressing/Pending", "Create Job"),
        ["a broken connection is tried again later"] = new(() => New().Failed(Seen.Unreachable()), "Downloading", "-Available/DownloadStarted Progressing/DownloadStarted Degraded/SourceUnreachable", Events: "SourceUnreachable!", LooksAgain: true),
        ["when it is time the failed fetch makes room"] = new(() => Seen.Of(Unreachable()).Failed(Seen.Unreachable(), secondsAgo: 60), "Downloading", "-Available/DownloadStarted Progressing/DownloadStarted Degraded/SourceUnreachable", "Delete Job"),
        ["a new run keeps the trouble of the last in sight"] = new(() => Seen.Of(Unreachable()), "Pending", "-Available/Pending Progressing/Pending Degraded/SourceUnreachable", "Create Job"),
        ["a run that does it ends the trouble"] = new(() => Seen.Of(Unreachable()).Succeeded(), "Ready", "Available/ModelReady", Events: "ModelReady"),
        ["missing credentials are a failure that is tried again"] = new(() => New().Failed(Seen.Unauthorized()), "Failed", "-Available/DownloadStarted Progressing/DownloadStarted Degraded/SourceUnauthorized", Events: "SourceUnauthorized!", LooksAgain: true),
        ["any change of the spec tries again at once what would be tried again later"] = new(() => Seen.Of(Edited(Unreachable(), m => m.Spec.Quantization = "x")).Failed(Seen.Unreachable()), "Downloading", "-Available/DownloadStarted Progressing/DownloadStarted Degraded/SourceUnreachable", "Delete Job"),
        ["credentials that come are tried at once"] = new(() => Seen.Of(Edited(Unauthorized(), m => m.Spec.SourceSecretRef = new V1LocalObjectReference { Name = "token" })).Failed(Seen.Unauthorized()), "Failed", "-Available/DownloadStarted Progressing/DownloadStarted Degraded/SourceUnauthorized", "Delete Job"),
        ["credentials that came while the run without them was under way are tried at once"] = new(() => MadeOtherwise(Seen.Of(Unauthorized()).Failed(Seen.Unauthorized())), "Failed", "-Available/DownloadStarted Progressing/DownloadStarted Degraded/SourceUnauthorized", "Delete Job"),
        ["a run that failed with the changed spec waits like any other"] = new(() => Seen.Of(Edited(Unreachable(), m => m.Spec.Quantization = "x").After(s => s).After(s => s.Failed(Seen.Unreachable()))).Failed(Seen.Unreachable()), "Downloading", "-Available/DownloadStarted Progressing/DownloadStarted Degraded/SourceUnreachable", LooksAgain: true),
        ["a killed fetch says so"] = new(() => New().FailedWith(null, 137, reason: "OOMKilled"), "Downloading", "-Available/DownloadStarted Progressing/DownloadStarted Degraded/DownloadFailed", Events: "DownloadFailed!", LooksAgain: true),
        ["a fetch that broke in an unforeseen way is tried again"] = new(() => New().Failed(new FetchReport { Complete = false, Message = "the fetch ended with ArgumentException: x" }), "Downloading", "-Available/DownloadStarted Progressing/DownloadStarted Degraded/DownloadFailed", Events: "DownloadFailed!", LooksAgain: true),
        ["a fetch without a pod has its Job's words"] = new(() => New().FailedWith(null, 1) with { Pods = [] }, "Downloading", "-Available/DownloadStarted Progressing/DownloadStarted Degraded/DownloadFailed", Events: "DownloadFailed!", LooksAgain: true),
        ["a result that has not come yet is waited for"] = new(() => New().Succeeded() with { Pods = [] }, "Downloading", "-Available/DownloadStarted Progressing/DownloadStarted", Events: "DownloadStarted", LooksAgain: true),
        ["a result that never comes is said, and the fetch tried again"] = new(() => New().Succeeded() with { Pods = [], Now = Seen.Now.AddSeconds(11) }, "Downloading", "-Available/DownloadStarted Progressing/DownloadStarted Degraded/DownloadFailed", Events: "DownloadFailed!", LooksAgain: true),

        ["a file of another hash is the end of it, and stays for the others"] = new(() => Of(s => s.Sha256 = Wrong).Succeeded() with { Siblings = [Seen.Model("b")] }, "Failed", "-Available/ChecksumMismatch Degraded/ChecksumMismatch", Events: "ChecksumMismatch!"),
        ["a mismatch that is written takes the fetch away"] = new(() => Seen.Of(Mismatched()).Succeeded(), "Failed", "-Available/ChecksumMismatch Degraded/ChecksumMismatch", "Delete Job"),
        ["a mismatch that is written has taken the result"] = new(() => Seen.Of(Ready("b")).Succeeded() with { Siblings = [Mismatched()] }, "Ready", "Available/ModelReady", "Delete Job"),
        ["a mismatch stands"] = new(() => Seen.Of(Mismatched()), "Failed", "-Available/ChecksumMismatch Degraded/ChecksumMismatch"),
        ["a hash that is mended is judged without a fetch"] = new(() => Seen.Of(Edited(Mismatched(), m => m.Spec.Sha256 = Seen.Sha256.ToUpperInvariant())), "Ready", "Available/ModelCached", Events: "ModelCached"),
        ["a hash that is asked for later asks the source"] = new(() => Seen.Of(Edited(Ready(), m => m.Spec.Sha256 = Wrong)), "Pending", "-Available/Pending Progressing/Pending", "Create Job"),
        ["a hash that is asked for later is judged where others have the file"] = new(() => Seen.Of(Edited(Ready(), m => m.Spec.Sha256 = Wrong)) with { Siblings = [Ready("b")] }, "Failed", "-Available/ChecksumMismatch Degraded/ChecksumMismatch", Events: "ChecksumMismatch!"),
        ["a hash that is asked for later and is the file's is judged without a fetch"] = new(() => Seen.Of(Edited(Ready(), m => m.Spec.Sha256 = Seen.Sha256)), "Ready", "Available/ModelReady"),
        ["a mismatch is none on another claim"] = new(() => Seen.Of(Edited(Mismatched(), m => m.Spec.Sha256 = Seen.Sha256)) with { Claim = NextClaim }, "Pending", "-Available/Pending Progressing/Pending", "Create Job"),
        ["what one model does not want another one takes"] = new(() => Seen.Of(Seen.Model("b")) with { Siblings = [Mismatched()] }, "Ready", "Available/ModelCached", Events: "ModelCached"),
        ["what one model wants another one does not"] = new(() => Seen.Of(Seen.Model("b", spec: s => s.Sha256 = Wrong)) with { Siblings = [Ready()] }, "Failed", "-Available/ChecksumMismatch Degraded/ChecksumMismatch", Events: "ChecksumMismatch!"),
        ["a fetch that found another file than all want is the end of it"] = new(() => Of(s => s.Sha256 = Wrong).Failed(Mismatch), "Failed", "-Available/ChecksumMismatch Degraded/ChecksumMismatch", Events: "ChecksumMismatch!"),
        ["a file that is not what a server announced is fetched again"] = new(() => Of(s => s.Sha256 = Wrong).Failed(Mismatch with { Terminal = false }), "Downloading", "-Available/DownloadStarted Progressing/DownloadStarted Degraded/ChecksumMismatch", Events: "ChecksumMismatch!", LooksAgain: true),
        ["a model that takes any file does not fail with one that does not"] = new(() => Seen.Of(Seen.Model("b")) with { Job = Of(s => s.Sha256 = Wrong).Failed(Mismatch).Job, Pods = Of(s => s.Sha256 = Wrong).Failed(Mismatch).Pods, Siblings = [Seen.Model(spec: s => s.Sha256 = Wrong)] }, "Pending", "-Available/Pending Progressing/Pending", "Delete Job"),
        ["a redirect that is not allowed is the end of it"] = new(() => New().Failed(NotAllowed), "Failed", "-Available/SourceNotAllowed Degraded/SourceNotAllowed", Events: "SourceNotAllowed!"),
        ["a redirect that is not allowed is not tried again"] = new(() => Seen.Of(Seen.Model().After(s => s.Failed(NotAllowed))), "Failed", "-Available/SourceNotAllowed Degraded/SourceNotAllowed"),

        ["a second model of a source joins its fetch"] = new(() => New().Running() with { Siblings = [Seen.Model("b")] }, "Downloading", "-Available/DownloadStarted Progressing/DownloadStarted", "Patch Job", "DownloadStarted"),
        ["a second model of a proved source is Ready at once"] = new(() => Seen.Of(Seen.Model("b")) with { Siblings = [Ready()] }, "Ready", "Available/ModelCached", Events: "ModelCached"),
        ["a sibling's proof is none without the claim"] = new(() => Seen.Of(Seen.Model("b")) with { Siblings = [Ready()], Claim = null }, "Pending", "-Available/Pending Progressing/Pending", "Create PersistentVolumeClaim", LooksAgain: true),
        ["a sibling's proof on an earlier claim is none"] = new(() => Seen.Of(Seen.Model("b")) with { Siblings = [Ready()], Claim = NextClaim }, "Pending", "-Available/Pending Progressing/Pending", "Create Job"),
        ["a fetch that has not begun is replaced if it would be placed elsewhere today"] = new(() => New().WithJob() with { Services = [Seen.Service(spec: s => s.NodeSelector = new Dictionary<string, string> { ["pool"] = "gpu" })] }, "Pending", "-Available/Pending Progressing/Pending", "Delete Job"),
        ["a running fetch is never replaced"] = new(() => New().Running() with { Image = "newer" }, "Downloading", "-Available/DownloadStarted Progressing/DownloadStarted", Events: "DownloadStarted"),
        ["a Job on its way out is waited for"] = new(() => New().WithJob(j => j.Metadata.DeletionTimestamp = Seen.Now.UtcDateTime), "Pending", "-Available/Pending Progressing/Pending"),
        ["a removal is stopped by who wants the file"] = new(() => New().WithRemoval(), "Pending", "-Available/Pending Progressing/Pending", "Delete Job"),
        ["a removal takes what was proved with it"] = new(() => Seen.Of(Ready()).WithRemoval(), "Pending", "-Available/Pending Progressing/Pending", "Delete Job"),
        ["a Job of someone else's is left alone"] = new(() => New().WithJob(j => j.Metadata.Labels = null), "Pending", "-Available/Pending Progressing/Pending NameConflict/NameConflict", Events: "NameConflict!", LooksAgain: true),

        ["a node's path is refused unless the operator allows it"] = new(() => Seen.Of(Seen.Model(source: "/srv/models/a.gguf")), "Failed", "-Available/SourceNotAllowed Degraded/SourceNotAllowed", Events: "SourceNotAllowed!"),
        ["a path beside an allowed root is refused"] = new(() => Local("/srv/models-of-others/a.gguf"), "Failed", "-Available/SourceNotAllowed Degraded/SourceNotAllowed", Events: "SourceNotAllowed!"),
        ["a path out of an allowed root is refused"] = new(() => Local("/srv/models/../../etc/a.gguf"), "Failed", "-Available/InvalidSpec Degraded/InvalidSpec", Events: "InvalidSpec!"),
        ["a path out of an allowed root is refused in disguise"] = new(() => Local("file:///srv/models/%2e%2e/%2e%2e/etc/a.gguf"), "Failed", "-Available/SourceNotAllowed Degraded/SourceNotAllowed", Events: "SourceNotAllowed!"),
        ["an allowed root may be written carelessly"] = new(() => Local("/srv/models/a.gguf") with { Options = new OperatorOptions { AllowedHostPaths = [FlagValues.Folder("/srv//models/./")!] } }, "Pending", "-Available/Pending Progressing/Pending", "Create Job"),
        ["an allowed path is copied"] = new(() => Local("file:///srv/models/a.gguf"), "Pending", "-Available/Pending Progressing/Pending", "Create Job"),
        ["a source that is no URL is refused"] = new(() => Seen.Of(Seen.Model(source: "https://")), "Failed", "-Available/InvalidSpec Degraded/InvalidSpec", Events: "InvalidSpec!"),
        ["a source of a scheme that comes later is refused"] = new(() => Seen.Of(Seen.Model(source: "s3://bucket/m.gguf")), "Failed", "-Available/InvalidSpec Degraded/InvalidSpec", Events: "InvalidSpec!"),
        ["a policy that comes later is refused"] = new(() => Of(s => s.RefreshPolicy = "OnChange"), "Failed", "-Available/InvalidSpec Degraded/InvalidSpec", Events: "InvalidSpec!"),
        ["a source of the Hub is fetched"] = new(() => Seen.Of(Seen.Model(source: "hf://org/repo/m.gguf")), "Pending", "-Available/Pending Progressing/Pending", "Create Job"),
        ["other files of a source are another source"] = new(() => Seen.Of(Edited(Ready(), m => (m.Spec.Source, m.Spec.Files) = ("hf://org/repo", ["a.gguf"]))), "Pending", "-Available/Pending Progressing/Pending", "Create Job"),
        ["a refusal ends when the operator is started otherwise"] = new(() => Local("/srv/models/a.gguf", Seen.Model(source: "/srv/models/a.gguf").After(s => s)), "Pending", "-Available/Pending Progressing/Pending", "Create Job"),
    };

    private static IEnumerable<string> Names => Stories.Keys;

    [TestCaseSource(nameof(Names))]
    public void Decides(string name)
    {
        var story = Stories[name];

        var decision = ModelDecider.Decide(story.Seen());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(decision.Status.Phase, Is.EqualTo(story.Phase));
            Assert.That(string.Join(' ', decision.Status.Conditions!.Select(c => $"{(c.Status == "True" ? "" : "-")}{c.Type}/{c.Reason}")), Is.EqualTo(story.Conditions));
            Assert.That(string.Join(", ", decision.Actions.Select(a => $"{a.GetType().Name} {a.Target.Kind}")), Is.EqualTo(story.Actions));
            Assert.That(string.Join(' ', decision.Announcements.Select(a => a.Reason + (a.Type == EventType.Warning ? "!" : ""))), Is.EqualTo(story.Events));
            Assert.That(decision.LookAgainIn is not null, Is.EqualTo(story.LooksAgain));
            if (decision.Status.Conditions.Find(ConditionTypes.Degraded) is { } trouble) Assert.That(ModelFailureReasons.Known(trouble.Reason), Is.EqualTo(trouble.Reason), "it has a series of its own");
        }
    }

    [Test]
    public void A_result_is_told_whole()
    {
        var status = ModelDecider.Decide(New().Succeeded()).Status;

        Assert.That((status.Size, status.CacheKey, status.Path, status.Sha256, status.AcceleratorReady), Is.EqualTo(("4.6 GiB", Seen.Key, $"/models/{Seen.Key}/model.gguf", Seen.Sha256, true)));
        Assert.That(status.Gguf, Is.EqualTo(Seen.Complete().Gguf));
        Assert.That(status.ObservedGeneration, Is.EqualTo(1));
    }

    [Test]
    public void What_is_not_proved_is_not_told([Values] bool failed)
    {
        var model = Edited(Ready(), m => m.Spec.Source = Other);
        var seen = failed ? Seen.Of(model).Failed(Seen.NotFound()) : Seen.Of(model).Running();

        var status = ModelDecider.Decide(seen).Status;

        Assert.That((status.Size, status.Path, status.Sha256, status.Gguf), Is.EqualTo(((string?)null, (string?)null, (string?)null, (GgufMetadata?)null)));
    }

    [Test]
    public void A_fetch_is_counted_once_for_all_its_models()
    {
        var (a, b) = (Seen.Model("a"), Seen.Model("b"));
        var ofA = (Seen.Of(a) with { Siblings = [b] }).Succeeded();
        var ofB = (Seen.Of(b) with { Siblings = [a] }).Succeeded();

        TimeSpan?[] times = [.. new[] { ofA, ofB, ofB with { Siblings = [] } }.Select(seen => ModelReporter.DownloadTime(seen, null, ModelDecider.Decide(seen).Status))];

        Assert.That(times, Is.EqualTo(new TimeSpan?[] { TimeSpan.FromSeconds(61), null, TimeSpan.FromSeconds(61) }), "the last one: of the first owner nothing is left");
    }

    [Test]
    public void The_clock_of_a_condition_moves_only_when_it_flips()
    {
        var model = Seen.Model().After(s => s);
        var created = model.Status.Conditions.Find(ConditionTypes.Available)!.LastTransitionTime;

        model.After(s => s.Running(), Seen.Now.AddMinutes(1));
        Assert.That(model.Status.Conditions.Find(ConditionTypes.Available)!.LastTransitionTime, Is.EqualTo(created));

        model.After(s => s.Succeeded(), Seen.Now.AddMinutes(2));
        Assert.That(model.Status.Conditions.Find(ConditionTypes.Available)!.LastTransitionTime, Is.EqualTo(Seen.Now.AddMinutes(2).UtcDateTime));
    }

    [Test]
    public void A_fetch_is_deleted_in_its_own_person_and_in_the_background()
    {
        var delete = (DesiredAction.Delete)ModelDecider.Decide(Seen.Of(Ready()).Succeeded()).Actions.Single();

        Assert.That((delete.Target.Uid, delete.Target.Name, delete.Propagation), Is.EqualTo(("uid-of-job", FetchJobBuilder.NameOf(Seen.Key), DeletePropagation.Background)));
    }

    [Test]
    public void Waits_double_while_the_trouble_lasts_up_to_a_ceiling()
    {
        var failed = new FetchState.Failed(Seen.Unreachable(), Seen.Now);
        double[] waits = [.. new double?[] { null, 10, 40, 100, 10_000 }.Select(lasted => (RetryDelay.NextRun(failed, lasted is null ? null : Seen.Now.AddSeconds(-lasted.Value), "uid") - Seen.Now).TotalSeconds)];

        Assert.That(waits, Is.Ordered);
        Assert.That(waits[0], Is.InRange(15 * 0.75, 15));
        Assert.That(waits[2], Is.InRange(40 * 0.75, 40));
        Assert.That(waits[4], Is.InRange(300 * 0.75, 300));
    }

    [Test]
    public void Another_accelerator_is_ready_when_a_server_runs_on_it()
    {
        var gpu = Seen.Model(spec: s => s.Hardware = new HardwareSpec { Accelerator = Accelerators.Cuda });
        var service = Seen.Service();

        Assert.That(ModelDecider.Decide(Seen.Of(gpu).Succeeded() with { Services = [service] }).Status.AcceleratorReady, Is.False);
        service.Status = new InferenceServiceStatus { Phase = InferenceServicePhases.Ready };
        Assert.That(ModelDecider.Decide(Seen.Of(gpu).Succeeded() with { Services = [service] }).Status.AcceleratorReady, Is.True);
    }

    // A reason that a run calls final and nobody else does would be fetched again and again at once.
    [TestCaseSource(typeof(ModelFailureReasons), nameof(ModelFailureReasons.All))]
    public void Whatever_a_run_calls_final_comes_to_rest(string reason)
    {
        var report = new FetchReport { Complete = false, Terminal = true, Reason = reason, Message = "no" };

        var told = ModelDecider.Decide(New().Failed(report));
        var stands = ModelDecider.Decide(Seen.Of(Seen.Model().After(s => s.Failed(report))));

        Assert.That(told.LookAgainIn is null, Is.EqualTo(ModelStatuses.IsFinal(reason)));
        Assert.That(stands.Actions.Count == 0, Is.EqualTo(ModelStatuses.IsFinal(reason)));
    }

    [Test]
    public void A_judgement_keeps_what_it_is_about_and_serves_nothing()
    {
        var status = Mismatched().Status;

        Assert.That((status.Sha256, status.CacheClaimUid, status.Path, status.SizeBytes), Is.EqualTo((Seen.Sha256, "uid-of-claim", (string?)null, Seen.Complete().Bytes)));
        Assert.That(status.Conditions.Find(ConditionTypes.Degraded)!.Message, Is.EqualTo($"the source has the sha256 {Seen.Sha256}, and spec.sha256 wants {Wrong}"));
    }

    [Test]
    public void Where_a_file_came_from_is_told()
    {
        var report = Seen.Complete() with { ETag = "\"v1\"", ContentLength = 17, Files = new FetchedFiles(2, ["a.gguf", "b.gguf"]) };

        var status = ModelDecider.Decide(New().Succeeded(report)).Status;

        Assert.That((status.SourceETag, status.SourceContentLength), Is.EqualTo(("\"v1\"", 17L)));
        Assert.That(status.StagedFiles, Is.EqualTo(["a.gguf", "b.gguf"]));
    }
}
