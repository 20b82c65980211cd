using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>Models on a cluster, with the operator in this process and fetches that come to what the story says.</summary>
[Parallelizable]
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
        _cluster = await StoryCluster.StartAsync(new() { Nodes = NodeSpec.Many(2, gpus: 1) });
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
        var claim = await _cluster.Client.CoreV1.ReadNamespacedPersistentVolumeClaimAsync(CacheDefaults.ClaimName, Ns);
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
        Assert.That(degraded.Reason, Is.EqualTo(Reasons.SourceNotFound));
        Assert.That(degraded.Message, Does.Contain("models.example answered 404 Not Found: Entry not found"));
        await _cluster.ServiceAsync("chat", s => s.ModelReady == false && s.Conditions.Find(ConditionTypes.Progressing)?.Message.Contains("404 Not Found", StringComparison.Ordinal) == true);
        await _cluster.JobsAsync(jobs => jobs.Items.Count == 0, "the failed Job is gone");
        var events = await _cluster.EventsAsync(e => e.Items.Any(i => i is { Type: "Warning", InvolvedObject.Kind: "Model" }), "a Warning");
        Assert.That(events.Items.Count(e => e.Reason == Reasons.SourceNotFound && e.InvolvedObject.Kind == "Model"), Is.EqualTo(1));
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
    public async Task A_model_that_is_served_is_held_until_its_pods_are_gone_and_its_service_is_told()
    {
        await _cluster.CreateModelAsync("tiny");
        await _cluster.CreateServiceAsync("chat");
        await _cluster.ServiceAsync("chat", s => s is { Phase: InferenceServicePhases.Ready, ModelReady: true });

        await _cluster.DeleteModelAsync("tiny");

        var told = await _cluster.ServiceAsync("chat", s => s is { ModelReady: false } && s.Conditions.Find(ConditionTypes.Progressing)?.Message.Contains("is being deleted", StringComparison.Ordinal) == true);
        Assert.That(told.Conditions.IsTrue(ConditionTypes.Available), Is.True, "what runs goes on running");
        var held = await Eventually.SeeAsync(() => _cluster.Models.ReadNamespacedAsync<Model>(Ns, "tiny"), m => m.Status.Conditions.IsTrue(ConditionTypes.InUse), "it says who holds it");
        Assert.That(held.Status.Conditions.Find(ConditionTypes.InUse)!.Message, Does.StartWith("InferenceService chat (1 pod) still use the file"));

        await _cluster.DeleteServiceAsync("chat");

        await Eventually.SeeAsync(_cluster.AllModelsAsync, l => l.Count == 0, "the Model is gone");
    }

    [Test]
    public async Task A_model_that_says_so_takes_its_file_along()
    {
        await _cluster.CreateModelAsync("tiny", Source, m => m.DeletionPolicy = DeletionPolicies.Delete);
        await _cluster.ModelAsync("tiny", ModelPhases.Ready);
        await _cluster.JobsAsync(jobs => jobs.Items.Count == 0, "the fetch is gone");
        _cluster.Rules.Add(Fetches.Endless);

        await _cluster.DeleteModelAsync("tiny");

        var jobs = await _cluster.JobsAsync(j => j.Items.Count == 1, "it is being removed");
        Assert.That(jobs.Items[0].Spec.Template.Spec.Containers[0].Args, Is.EqualTo(["remove", "--target", $"/models/{Key}/model.gguf", "--termination-log", "/dev/termination-log"]));
        await Eventually.SeeAsync(
            () => _cluster.Models.ReadNamespacedAsync<Model>(Ns, "tiny"), m => m.Status.Conditions.Find(ConditionTypes.Progressing)?.Message == "The file is being removed", "it waits for that");
        _cluster.Rules.Remove(Fetches.Endless);
        await _cluster.Client.BatchV1.DeleteNamespacedJobAsync(jobs.Items[0].Metadata.Name, Ns, propagationPolicy: "Background");
        await Eventually.SeeAsync(_cluster.AllModelsAsync, l => l.Count == 0, "the Model is gone when another removal has done it");
        await _cluster.JobsAsync(j => j.Items.Count == 0, "nothing is left");
    }

    [Test]
    public async Task A_file_stays_for_as_long_as_pods_serve_it_whose_model_has_got_another_source()
    {
        if (StoryCluster.IsExternal) Assert.Ignore("There no pod serves.");
        await _cluster.CreateModelAsync("tiny", Source);
        await _cluster.CreateModelAsync("leaving", Source, m => m.DeletionPolicy = DeletionPolicies.Delete);
        await _cluster.CreateServiceAsync("chat");
        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready);
        await _cluster.JobsAsync(jobs => jobs.Items.Count == 0, "the fetch is gone");
        var slow = Fetches.Succeed with { UntilRemoved = true };
        _cluster.Rules.Add(slow);
        await _cluster.PatchModelAsync("tiny", new { source = Other });
        await _cluster.ModelAsync("tiny", ModelPhases.Downloading);

        await _cluster.DeleteModelAsync("leaving");

        var held = await Eventually.SeeAsync(() => _cluster.Models.ReadNamespacedAsync<Model>(Ns, "leaving"), m => m.Status.Conditions.IsTrue(ConditionTypes.InUse), "it says who holds it");
        Assert.That(held.Status.Conditions.Find(ConditionTypes.InUse)!.Message, Does.StartWith("InferenceService chat (1 pod) still use the file"));
        await _cluster.JobsAsync(jobs => jobs.Items.All(j => !FetchJobBuilder.IsRemoval(j)), "nothing is removed");

        _cluster.Rules.Remove(slow);

        await Eventually.SeeAsync(_cluster.AllModelsAsync, l => l.All(m => m.Metadata.Name != "leaving"), "the Model is gone with the last pod that served its file");
        var server = (await _cluster.Client.CoreV1.ListNamespacedPodAsync(Ns, labelSelector: Labels.Service)).Items.Single(p => p.Metadata.DeletionTimestamp is null);
        Assert.That(ServedFile.Of(server)!.IsOf(CacheKey.Of(Other)), Is.True);
    }

    [Test]
    public async Task A_namespace_ends_although_the_files_of_its_models_are_to_go()
    {
        await _cluster.CreateModelAsync("tiny", Source, m => m.DeletionPolicy = DeletionPolicies.Delete);
        await _cluster.ModelAsync("tiny", ModelPhases.Ready);

        await _cluster.Client.CoreV1.DeleteNamespaceAsync(Ns);

        await _cluster.NamespaceGoneAsync();
    }

    [Test]
    public async Task Two_models_of_one_source_judge_its_file_each_for_itself()
    {
        await _cluster.CreateModelAsync("any", Source);
        await _cluster.CreateModelAsync("other", Source, m => m.Sha256 = new string('b', 64));

        var any = await _cluster.ModelAsync("any", ModelPhases.Ready);
        var other = await _cluster.ModelAsync("other", ModelPhases.Failed);
        Assert.That(other.Status.Conditions.Find(ConditionTypes.Degraded)!.Reason, Is.EqualTo(Reasons.ChecksumMismatch));
        await _cluster.JobsAsync(jobs => jobs.Items.Count == 0, "the Job is gone");

        await _cluster.PatchModelAsync("other", new { sha256 = any.Status.Sha256 });

        await _cluster.ModelAsync("other", ModelPhases.Ready);
        if (!StoryCluster.IsExternal) Assert.That(CreatedJobs(), Is.EqualTo(1));
    }

    [Test]
    public async Task An_accelerator_is_ready_while_a_server_runs_on_it()
    {
        await _cluster.CreateModelAsync("tiny", with: m => m.Hardware = new HardwareSpec { Accelerator = Accelerators.Cuda, Gpu = new GpuSpec { Count = 1 } });
        Assert.That((await _cluster.ModelAsync("tiny", ModelPhases.Ready)).Status.AcceleratorReady, Is.False);

        await _cluster.CreateServiceAsync("chat");
        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready);
        await AcceleratorAsync(ready: true);

        await _cluster.DeleteServiceAsync("chat");
        await AcceleratorAsync(ready: false);
    }

    [Test]
    public async Task A_claim_made_anew_has_nothing_of_the_old_one_and_every_model_is_fetched_again()
    {
        await _cluster.CreateModelAsync("a");
        await _cluster.CreateModelAsync("b");
        var claim = (await _cluster.ModelAsync("a", ModelPhases.Ready)).Status.CacheClaimUid;
        await _cluster.ModelAsync("b", ModelPhases.Ready);
        await _cluster.JobsAsync(jobs => jobs.Items.Count == 0, "the Jobs are gone");

        await _cluster.Client.CoreV1.DeleteNamespacedPersistentVolumeClaimAsync(CacheDefaults.ClaimName, Ns);

        foreach (var name in (string[])["a", "b"])
        {
            await Eventually.SeeAsync(
                () => _cluster.Models.ReadNamespacedAsync<Model>(Ns, name), m => m.Status is { Phase: ModelPhases.Ready, CacheClaimUid: var uid } && uid != claim, $"{name} is on the new claim");
        }

        if (!StoryCluster.IsExternal) Assert.That(CreatedJobs(), Is.EqualTo(4));
    }

    [Test]
    public async Task What_the_cluster_refuses_is_said_and_is_no_error_and_is_over_when_it_is_allowed()
    {
        if (StoryCluster.IsExternal) Assert.Ignore("There the operator may do everything.");
        _cluster.Rules.Add(Fetches.Endless);
        await _cluster.ForbidAsync("jobs", "create");
        await _cluster.CreateModelAsync("tiny");

        var blocked = await Eventually.SeeAsync(
            () => _cluster.Models.ReadNamespacedAsync<Model>(Ns, "tiny"), m => m.Status?.Conditions.IsTrue(ConditionTypes.Degraded) == true, "the refusal is said");
        Assert.That(blocked.Status.Conditions.Find(ConditionTypes.Degraded)!.Message, Does.Contain("The cluster refused Job").And.Contain("forbidden"));
        var metrics = await Eventually.SeeAsync(_operator.MetricsAsync, m => RunningOperator.IsIdle(m, "model"), "the reconcile has come to its end");
        Assert.That(metrics, Does.Contain("llmkube_reconcile_total{controller=\"model\",result=\"error\"} 0"));
        Assert.That(metrics, Does.Contain("controller_runtime_reconcile_total{controller=\"model\",result=\"error\"} 0"));

        await _cluster.ForbidAsync("jobs");
        await _cluster.PatchModelAsync("tiny", new { quantization = "Q4_K_M" });

        var running = await _cluster.ModelAsync("tiny", ModelPhases.Downloading);
        Assert.That(running.Status.Conditions!.Select(c => $"{c.Type}={c.Status}"), Is.EqualTo(["Available=False", "Progressing=True"]));
    }

    [Test]
    public async Task A_fetch_runs_the_image_of_the_operators_own_pod()
    {
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = "operator", Annotations = new Dictionary<string, string> { ["kubectl.kubernetes.io/default-container"] = "manager" } },
            Spec = new V1PodSpec
            {
                Containers = [new V1Container { Name = "proxy", Image = "proxy:1" }, new V1Container { Name = "manager", Image = "registry.example/llmkube-operator:7" }],
            },
        };
        await _cluster.Client.CoreV1.CreateNamespacedPodAsync(pod, Ns);
        await _cluster.StopOperatorAsync(_operator);
        await _cluster.StartOperatorAsync(new OperatorOptions { PodName = "operator", PodNamespace = Ns });
        _cluster.Rules.Add(Fetches.Endless);

        await _cluster.CreateModelAsync("tiny");

        var jobs = await _cluster.JobsAsync(j => j.Items.Count == 1, "there is a Job");
        Assert.That(jobs.Items[0].Spec.Template.Spec.Containers[0].Image, Is.EqualTo("registry.example/llmkube-operator:7"));
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
    public async Task No_more_fetches_run_than_may_and_each_that_waits_has_its_turn()
    {
        await _cluster.StopOperatorAsync(_operator);
        await _cluster.StartOperatorAsync(new OperatorOptions { MaxConcurrentFetches = 2 });
        _cluster.Rules.Add(Fetches.Endless);
        for (var i = 0; i < 6; i++) await _cluster.CreateModelAsync($"model-{i}");
        await Eventually.SeeAsync(_cluster.AllModelsAsync, l => l.Count(m => m.Status?.Phase == ModelPhases.Downloading) == 2 && l.All(m => m.Status?.Phase is not null), "two run, and the others have been looked at");
        Assert.That((await _cluster.Client.BatchV1.ListNamespacedJobAsync(Ns)).Items, Has.Count.EqualTo(2));

        _cluster.Rules.Remove(Fetches.Endless);
        foreach (var job in (await _cluster.Client.BatchV1.ListNamespacedJobAsync(Ns)).Items) await _cluster.Client.BatchV1.DeleteNamespacedJobAsync(job.Metadata.Name, Ns, propagationPolicy: "Background");

        for (var i = 0; i < 6; i++) await _cluster.ModelAsync($"model-{i}", ModelPhases.Ready);
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

    private Task AcceleratorAsync(bool ready) =>
        Eventually.SeeAsync(() => _cluster.Models.ReadNamespacedAsync<Model>(Ns, "tiny"), m => m.Status.AcceleratorReady == ready, $"acceleratorReady is {ready}");

    private int CreatedJobs() => _cluster.Server.Requests.CountOf(r => r is { Verb: "create", Resource: "jobs", StatusCode: < 300 } && r.Namespace == Ns);
}
