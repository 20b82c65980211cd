using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Models;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>Models on a cluster, with the operator in this process and fetches that come to what the story says.</summary>
public sealed class ModelStoryTests
{
    private const string Source = "https://models.example/tiny.gguf";
    private const string Other = "https://models.example/other.gguf";
    private static readonly string Key = CacheKey.Of(Source);

    private StoryCluster _cluster = null!;
    private RunningOperator _operator = null!;

    private string Ns => _cluster.Namespace;

    [SetUp]
    public async Task StartAsync()
    {
        _cluster = await StoryCluster.StartAsync();
        _operator = await _cluster.StartOperatorAsync();
    }

    [TearDown]
    public async Task StopAsync() => await _cluster.DisposeAsync();

    [Test]
    public async Task A_model_is_fetched_told_of_and_cleaned_up_after()
    {
        await _cluster.CreateModelAsync("tiny");

        var model = await _cluster.ModelAsync("tiny", ModelPhases.Ready);
        Assert.That((model.Status.Size, model.Status.Path, model.Status.Gguf!.LayerCount), Is.EqualTo(("4.6 GiB", $"/models/{Key}/model.gguf", 32L)));
        Assert.That(model.Status.Conditions!.Select(c => $"{c.Type}={c.Status}"), Is.EqualTo(["Available=True"]));
        Assert.That(model.Metadata.Finalizers, Does.Contain("inference.llmkube.dev/modelcachefinalizer"));
        await _cluster.JobsAsync(jobs => jobs.Items.Count == 0, "the Job is gone");
        var claim = await _cluster.Client.CoreV1.ReadNamespacedPersistentVolumeClaimAsync(CacheLayout.ClaimName, Ns);
        Assert.That((claim.Metadata.OwnerReferences, claim.Spec.Resources.Requests["storage"].ToString()), Is.EqualTo(((IList<V1OwnerReference>?)null, "100Gi")));
        var events = await _cluster.EventsAsync(e => e.Items.Any(i => i.Reason == Reasons.ModelReady), "an Event says so");
        Assert.That(events.Items.Where(e => e.InvolvedObject.Kind == "Model").Select(e => e.Type), Has.All.EqualTo("Normal"));
        Assert.That(await _operator.MetricsAsync(), Does.Contain($"llmkube_model_download_duration_seconds_sum{{model=\"tiny\",namespace=\"{Ns}\",source_type=\"remote\"}} 61"));
    }

    [Test]
    public async Task A_source_that_does_not_exist_fails_once_and_recovers_with_another()
    {
        _cluster.Rules.Add(Fetches.NotFound with { Times = 1 });
        await _cluster.CreateServiceAsync("chat");
        await _cluster.CreateModelAsync("tiny");

        var failed = await _cluster.ModelAsync("tiny", ModelPhases.Failed);
        var degraded = failed.Status.Conditions.Find(ConditionTypes.Degraded)!;
        Assert.That(degraded.Reason, Is.EqualTo(FetchReasons.SourceNotFound));
        Assert.That(degraded.Message, Does.Contain("models.example answered 404 Not Found: Entry not found"));
        await _cluster.ServiceAsync("chat", s => s.ModelReady == false && s.Conditions.Find(ConditionTypes.Progressing)?.Message.Contains("404 Not Found", StringComparison.Ordinal) == true);
        await _cluster.JobsAsync(jobs => jobs.Items.Count == 0, "the failed Job is gone");
        var events = await _cluster.EventsAsync(e => e.Items.Any(i => i is { Type: "Warning", InvolvedObject.Kind: "Model" }), "a Warning");
        Assert.That(events.Items.Count(e => e.Reason == FetchReasons.SourceNotFound && e.InvolvedObject.Kind == "Model"), Is.EqualTo(1));
        if (!StoryCluster.IsExternal) Assert.That(CreatedJobs(), Is.EqualTo(1));

        await _cluster.PatchModelAsync("tiny", new { source = Other });

        var recovered = await _cluster.ModelAsync("tiny", ModelPhases.Ready);
        Assert.That(recovered.Status.CacheKey, Is.EqualTo(CacheKey.Of(Other)));
        Assert.That(recovered.Status.Conditions!.Select(c => c.Type), Is.EqualTo([ConditionTypes.Available]));
        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready);
    }

    [Test]
    public async Task Models_of_one_source_share_one_fetch_now_and_later()
    {
        await Task.WhenAll(Enumerable.Range(0, 5).Select(i => _cluster.CreateModelAsync($"copy-{i}", Source)));
        for (var i = 0; i < 5; i++) await _cluster.ModelAsync($"copy-{i}", ModelPhases.Ready);
        await _cluster.JobsAsync(jobs => jobs.Items.Count == 0, "the Job is gone");
        await _cluster.CreateModelAsync("late", Source);

        var late = await _cluster.ModelAsync("late", ModelPhases.Ready);
        Assert.That(late.Status.Conditions.Find(ConditionTypes.Available)!.Reason, Is.EqualTo(Reasons.ModelCached));
        if (!StoryCluster.IsExternal) Assert.That(CreatedJobs(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_deleted_model_takes_its_running_fetch_along()
    {
        _cluster.Rules.Add(Fetches.Endless);
        await _cluster.CreateModelAsync("tiny");
        await _cluster.ModelAsync("tiny", ModelPhases.Downloading);

        await _cluster.DeleteModelAsync("tiny");

        await _cluster.JobsAsync(jobs => jobs.Items.Count == 0, "the Job is gone");
        await Eventually.SeeAsync(_cluster.AllModelsAsync, l => l.Count == 0, "the Model is gone");
    }

    [Test]
    public async Task A_namespace_with_Models_in_it_ends()
    {
        for (var i = 0; i < 5; i++)
        {
            await _cluster.CreateModelAsync($"model-{i}");
            await _cluster.CreateServiceAsync($"chat-{i}", $"model-{i}");
        }

        await _cluster.ServiceAsync("chat-4", s => s.Phase == InferenceServicePhases.Ready);
        _cluster.Rules.Add(Fetches.Endless);
        await _cluster.CreateModelAsync("endless");
        await _cluster.ModelAsync("endless", ModelPhases.Downloading);

        await _cluster.Client.CoreV1.DeleteNamespaceAsync(Ns);

        await _cluster.NamespaceGoneAsync();
    }

    [Test]
    public async Task A_hostile_name_is_only_a_name()
    {
        var name = string.Join('.', Enumerable.Repeat(new string('a', 60), 4));

        await _cluster.CreateModelAsync(name, Source);

        await _cluster.ModelAsync(name, ModelPhases.Ready);
    }

    [Test]
    public async Task A_foreign_job_of_the_name_is_left_alone()
    {
        var foreign = new V1Job
        {
            Metadata = new V1ObjectMeta { Name = FetchJobBuilder.NameOf(Key) },
            Spec = new V1JobSpec { Suspend = true, Template = new V1PodTemplateSpec { Spec = new V1PodSpec { RestartPolicy = "Never", Containers = [new V1Container { Name = "x", Image = "x" }] } } },
        };
        var created = await _cluster.Client.BatchV1.CreateNamespacedJobAsync(foreign, Ns);

        await _cluster.CreateModelAsync("tiny", Source);

        await Eventually.SeeAsync(() => _cluster.Models.ReadNamespacedAsync<Model>(Ns, "tiny"), m => m.Status?.Conditions.IsTrue(ConditionTypes.NameConflict) == true, "the conflict is said");
        Assert.That((await _cluster.Client.BatchV1.ReadNamespacedJobAsync(created.Metadata.Name, Ns)).Metadata.Generation, Is.EqualTo(created.Metadata.Generation));
    }

    private int CreatedJobs() => _cluster.Server.Requests.CountOf(r => r is { Verb: "create", Resource: "jobs", StatusCode: < 300 } && r.Namespace == Ns);
}
