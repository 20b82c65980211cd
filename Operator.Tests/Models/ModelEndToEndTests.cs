using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Models;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Models;

/// <summary>The operator at an API server over HTTPS; the test plays Job controller and kubelet.</summary>
[TestFixture]
internal sealed class ModelEndToEndTests
{
    private const string Other = "https://models.example/other.gguf";

    private ModelCluster _world = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _world = await ModelCluster.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task A_model_is_fetched_told_of_and_cleaned_up_after()
    {
        var ns = await _world.NamespaceAsync("fetched");

        await _world.CreateAsync(ns, "tiny");

        var model = await _world.PhaseAsync(ns, "tiny", ModelPhases.Ready);
        Assert.That((model.Status.Size, model.Status.Path, model.Status.Gguf!.LayerCount), Is.EqualTo(("4.6 GiB", $"/models/{Seen.Key}/model.gguf", 32L)));
        Assert.That(model.Status.Conditions!.Select(c => $"{c.Type}={c.Status}"), Is.EqualTo(["Available=True"]));
        Assert.That(model.Metadata.Finalizers, Does.Contain("inference.llmkube.dev/modelcachefinalizer"));
        await _world.JobsAsync(ns, jobs => jobs.Items.Count == 0, "the Job is gone");
        var claim = await _world.Client.CoreV1.ReadNamespacedPersistentVolumeClaimAsync(CacheLayout.ClaimName, ns);
        Assert.That((claim.Metadata.OwnerReferences, claim.Spec.Resources.Requests["storage"].ToString()), Is.EqualTo(((IList<V1OwnerReference>?)null, "100Gi")));
        var events = await ModelCluster.EventuallyAsync(() => _world.Client.CoreV1.ListNamespacedEventAsync(ns), e => e.Items.Any(i => i.Reason == Reasons.ModelReady), "an Event");
        using var text = new MemoryStream();
        await _world.Metrics.CollectAndExportAsTextAsync(text);
        Assert.That(System.Text.Encoding.UTF8.GetString(text.ToArray()), Does.Contain($"llmkube_model_download_duration_seconds_sum{{model=\"tiny\",namespace=\"{ns}\",source_type=\"remote\"}} 61"));
        Assert.That(events.Items.Where(e => e.InvolvedObject.Kind == "Model").Select(e => e.Type), Has.All.EqualTo("Normal"));
    }

    [Test]
    public async Task A_source_that_does_not_exist_fails_once_and_recovers_with_another()
    {
        var ns = await _world.NamespaceAsync("not-found");
        _world.Fetches.Next(ns, Seen.NotFound(), Seen.Complete());

        await _world.CreateAsync(ns, "tiny");

        var failed = await _world.PhaseAsync(ns, "tiny", ModelPhases.Failed);
        var degraded = failed.Status.Conditions.Find(ConditionTypes.Degraded)!;
        Assert.That((degraded.Reason, degraded.Message), Is.EqualTo((FetchReasons.SourceNotFound, Seen.NotFound().Message)));
        await _world.JobsAsync(ns, jobs => jobs.Items.Count == 0, "the failed Job is gone");
        var events = await ModelCluster.EventuallyAsync(() => _world.Client.CoreV1.ListNamespacedEventAsync(ns), e => e.Items.Any(i => i.Type == "Warning"), "a Warning");
        Assert.That(events.Items.Count(e => e.Reason == FetchReasons.SourceNotFound), Is.EqualTo(1));
        Assert.That(CreatedJobs(ns), Is.EqualTo(1));

        await _world.PatchAsync(ns, "tiny", $$"""{ "spec": { "source": "{{Other}}" } }""");

        var recovered = await _world.PhaseAsync(ns, "tiny", ModelPhases.Ready);
        Assert.That(recovered.Status.CacheKey, Is.EqualTo(CacheKey.Of(Other)));
        Assert.That(recovered.Status.Conditions!.Select(c => c.Type), Is.EqualTo([ConditionTypes.Available]));
    }

    [Test]
    public async Task Models_of_one_source_share_one_fetch_now_and_later()
    {
        var ns = await _world.NamespaceAsync("shared");

        await Task.WhenAll(Enumerable.Range(0, 5).Select(i => _world.CreateAsync(ns, $"copy-{i}")));
        for (var i = 0; i < 5; i++) await _world.PhaseAsync(ns, $"copy-{i}", ModelPhases.Ready);
        await _world.JobsAsync(ns, jobs => jobs.Items.Count == 0, "the Job is gone");
        await _world.CreateAsync(ns, "late");

        var late = await _world.PhaseAsync(ns, "late", ModelPhases.Ready);
        Assert.That(late.Status.Conditions.Find(ConditionTypes.Available)!.Reason, Is.EqualTo(Reasons.ModelCached));
        Assert.That(CreatedJobs(ns), Is.EqualTo(1));
    }

    [Test]
    public async Task A_deleted_model_takes_its_running_fetch_along()
    {
        var ns = await _world.NamespaceAsync("deleted");
        _world.Fetches.Next(ns, [null]);
        await _world.CreateAsync(ns, "tiny");
        await _world.PhaseAsync(ns, "tiny", ModelPhases.Downloading);

        await _world.Models.DeleteNamespacedAsync<Model>(ns, "tiny");

        await _world.JobsAsync(ns, jobs => jobs.Items.Count == 0, "the Job is gone");
        await NoModelsAsync(ns);
    }

    [Test]
    public async Task A_namespace_on_its_way_out_keeps_no_model_and_gets_no_new_fetch()
    {
        var ns = await _world.NamespaceAsync("going");
        _world.Fetches.Next(ns, [null]);
        await _world.CreateAsync(ns, "tiny");
        await _world.PhaseAsync(ns, "tiny", ModelPhases.Downloading);
        await _world.Client.CoreV1.DeleteNamespaceAsync(ns);
        await ModelCluster.EventuallyAsync(() => _world.Client.CoreV1.ReadNamespaceAsync(ns), n => n.Status?.Phase == "Terminating", "the namespace is terminating");

        // A change that wants another fetch, and then what the namespace controller does.
        await _world.PatchAsync(ns, "tiny", $$"""{ "spec": { "source": "{{Other}}" } }""");
        await _world.JobsAsync(ns, jobs => jobs.Items.Count == 0, "the old fetch is stopped and no new one made");
        await _world.Models.DeleteNamespacedAsync<Model>(ns, "tiny");

        await NoModelsAsync(ns);
        Assert.That(CreatedJobs(ns), Is.EqualTo(1));
    }

    [Test]
    public async Task Settled_models_cost_no_request_but_watches_and_leases()
    {
        var ns = await _world.NamespaceAsync("idle");
        for (var i = 0; i < 5; i++) await _world.CreateAsync(ns, $"model-{i}", $"https://models.example/{i}.gguf");
        for (var i = 0; i < 5; i++) await _world.PhaseAsync(ns, $"model-{i}", ModelPhases.Ready);
        await _world.JobsAsync(ns, jobs => jobs.Items.Count == 0, "the Jobs are gone");
        var before = await _world.Models.ReadNamespacedAsync<Model>(ns, "model-0");
        var mark = _world.Server.Requests.Count;

        // What concerns no Model, and one that proves that the operator has gone on meanwhile.
        await _world.Client.CoreV1.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "foreign" } }, ns);
        await _world.CreateAsync(ns, "last", "https://models.example/0.gguf");
        await _world.PhaseAsync(ns, "last", ModelPhases.Ready);

        var writes = _world.Server.Requests.Since(mark).Where(r => r.IsWrite && r.Namespace == ns && r.Resource is "models" or "jobs" or "persistentvolumeclaims" && r.Name?.StartsWith("model-", StringComparison.Ordinal) == true);
        Assert.That(writes, Is.Empty);
        Assert.That((await _world.Models.ReadNamespacedAsync<Model>(ns, "model-0")).Metadata.ResourceVersion, Is.EqualTo(before.Metadata.ResourceVersion));
    }

    [Test]
    public async Task A_hostile_name_is_only_a_name()
    {
        var ns = await _world.NamespaceAsync("hostile");
        var name = string.Join('.', Enumerable.Repeat(new string('a', 60), 4));

        await _world.CreateAsync(ns, name);

        await _world.PhaseAsync(ns, name, ModelPhases.Ready);
    }

    [Test]
    public async Task A_foreign_job_of_the_name_is_left_alone()
    {
        var ns = await _world.NamespaceAsync("conflict");
        var foreign = new V1Job
        {
            Metadata = new V1ObjectMeta { Name = FetchJobBuilder.NameOf(Seen.Key), NamespaceProperty = ns },
            Spec = new V1JobSpec { Suspend = true, Template = new V1PodTemplateSpec { Spec = new V1PodSpec { RestartPolicy = "Never", Containers = [new V1Container { Name = "x", Image = "x" }] } } },
        };
        var created = await _world.Client.BatchV1.CreateNamespacedJobAsync(foreign, ns);

        await _world.CreateAsync(ns, "tiny");

        await ModelCluster.EventuallyAsync(() => _world.Models.ReadNamespacedAsync<Model>(ns, "tiny"), m => m.Status?.Conditions.IsTrue(ConditionTypes.NameConflict) == true, "NameConflict");
        Assert.That((await _world.Client.BatchV1.ReadNamespacedJobAsync(created.Metadata.Name, ns)).Metadata.Generation, Is.EqualTo(created.Metadata.Generation));
    }

    private Task<ModelList> NoModelsAsync(string ns) => ModelCluster.EventuallyAsync(
        () => _world.Client.CustomObjects.ListNamespacedCustomObjectAsync<ModelList>(ApiGroup.Name, ApiGroup.Version, ns, Model.KubePluralName), l => l.Items.Count == 0, "the Models are gone");

    private int CreatedJobs(string ns) => _world.Server.Requests.CountOf(r => r is { Verb: "create", Resource: "jobs", StatusCode: < 300 } && r.Namespace == ns);

    private sealed class ModelList : KubernetesObject
    {
        public IList<Model> Items { get; set; } = [];
    }
}
