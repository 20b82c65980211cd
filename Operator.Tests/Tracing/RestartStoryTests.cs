using System.Text.Json.Nodes;
using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Tests.Stories;
using LlmKube.Operator.Tracing;

namespace LlmKube.Operator.Tests.Tracing;

/// <summary>The way of a service from its creation to Ready as a collector sees it, with the operator killed in the middle: the program itself, twice.</summary>
public sealed class RestartStoryTests
{
    private const string Secret = "passw0rd";

    private StoryCluster _cluster = null!;
    private Collector _collector = null!;
    private DirectoryInfo _folder = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _folder = Directory.CreateTempSubdirectory("tracing-");
        _collector = await Collector.StartAsync();
        _cluster = await StoryCluster.StartAsync(new() { Nodes = NodeSpec.Many(1) });
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _cluster.DisposeAsync();
        await _collector.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task An_operator_that_is_killed_between_fetch_and_rollout_goes_on_in_the_same_traces()
    {
        using var first = Start("50");
        var service = await _cluster.CreateServiceAsync("chat", with: s => s.Resources = new() { Gpu = 1 });
        await _cluster.ServiceAsync("chat", s => s.ModelReady == false);
        var model = await _cluster.CreateModelAsync("tiny", $"https://me:{Secret}@models.example/{Secret}/tiny.gguf?token={Secret}", m => m.Hardware = new() { Accelerator = Accelerators.Cuda });
        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.WaitingForGPU);
        await _collector.SeeAsync(
            spans => spans.Any(s => s.Name == ModelSpans.Fetch) && spans.Any(s => s.Name == ServiceSpans.WaitForModel)
                && spans.Any(s => s["llmkube.phase.to"] == InferenceServicePhases.WaitingForGPU) && spans.Any(s => s.Name == "job.delete") && AreWhole(spans),
            "the fetch, the wait for it and what was done are told to the end");
        await first.KillAsync();

        // Its spans are sent when it ends and not before.
        using var second = Start("3600000");
        _cluster.Fleet.Put(NodeSpec.Sized("node-1", gpus: 1));
        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready);
        Assert.That(await second.TerminateAsync(), Is.Zero);

        var spans = _collector.Spans;
        var ofObjects = spans.Where(s => s["k8s.object.uid"] is not null).ToList();
        Assert.That(
            ofObjects.GroupBy(s => (s["k8s.object.uid"], s["llmkube.generation"])).Select(g => g.Select(s => s.TraceId).Distinct().Count()), Is.All.EqualTo(1), "a generation is a trace");
        var (ofModel, ofService) = (ObjectTrace.IdOf(model.Metadata).ToHexString(), ObjectTrace.IdOf(service.Metadata).ToHexString());
        Assert.That(ofObjects.Select(s => s.TraceId).Distinct(), Is.EquivalentTo(new[] { ofModel, ofService }));

        var way = spans.Where(s => s.TraceId == ofService && s.ParentId == "").ToList();
        Assert.That(way.Select(s => s.Resource["service.instance.id"]).Distinct().Count(), Is.EqualTo(2), "both operators tell of it");
        var once = way.Where(s => !s.Name.StartsWith("reconcile ", StringComparison.Ordinal)).ToList();
        Assert.That(once.Select(s => s.Name), Is.EquivalentTo(new[] { ServiceSpans.WaitForModel, ServiceSpans.WaitForGpu, ServiceSpans.Rollout, ServiceSpans.BecomeReady }));
        Assert.That(once.Select(s => s.EndNanoseconds >= s.StartNanoseconds), Is.All.True);
        var waited = once.Single(s => s.Name == ServiceSpans.WaitForModel);
        Assert.That(waited.Links[0].TraceId, Is.EqualTo(ofModel));
        Assert.That(waited.Resource["service.instance.id"], Is.Not.EqualTo(once.Single(s => s.Name == ServiceSpans.WaitForGpu).Resource["service.instance.id"]));

        var fetch = spans.Single(s => s.Name == ModelSpans.Fetch);
        Assert.That((fetch.TraceId, fetch.ParentId, fetch.Status), Is.EqualTo((ofModel, "", 0)));
        Assert.That(
            new[] { fetch["llmkube.model.source_type"], fetch["url.scheme"], fetch["server.address"], fetch["llmkube.bytes"] }, Is.EqualTo(new[] { "remote", "https", "models.example", "4939212390" }));
        AssertSteps(spans);
        AssertLog(first, spans, ofModel);
        var told = spans.SelectMany(s => s.Texts).Concat(first.Output).Concat(first.Errors).Concat(second.Output).Concat(second.Errors);
        Assert.That(told.Where(t => t.Contains(Secret, StringComparison.Ordinal)), Is.Empty, "nothing tells a secret");
    }

    // A span is sent when it ends, which is after those below it.
    private static bool AreWhole(IReadOnlyList<ReceivedSpan> spans)
    {
        var arrived = spans.Select(s => s.SpanId).ToHashSet();
        return spans.All(s => s.ParentId == "" || arrived.Contains(s.ParentId));
    }

    // The steps are below their reconcile, the calls of the API below the steps; watches and lists of informers are nowhere.
    private static void AssertSteps(IReadOnlyList<ReceivedSpan> spans)
    {
        var byId = spans.ToDictionary(s => s.SpanId);
        var call = spans.First(s => s.Name == "PATCH /apis/apps/v1/namespaces/{namespace}/deployments/{name}");
        var apply = byId[call.ParentId];
        var reconcile = byId[apply.ParentId];
        Assert.That((call.Kind, call["http.response.status_code"]), Is.EqualTo((3, "201")));
        Assert.That((apply.Name, apply["llmkube.apply.result"]), Is.EqualTo(("deployment.apply", "created")));
        Assert.That((reconcile.Name, reconcile.Kind, reconcile["llmkube.inferenceservice.name"]), Is.EqualTo(("reconcile InferenceService", 5, "chat")));
        Assert.That(spans.Where(s => s.Kind == 5).Select(s => s["llmkube.reconcile.result"]), Has.Some.EqualTo("success").And.None.EqualTo("error"));
        Assert.That((reconcile["llmkube.phase.from"], reconcile["llmkube.phase.to"]), Is.EqualTo((InferenceServicePhases.Pending, InferenceServicePhases.Creating)));
        Assert.That(spans.Select(s => s.Name), Is.SupersetOf(new[] { "pvc.ensure", "job.create", "service.apply", "status.update", "job.delete" }));
        Assert.That(spans.Where(s => s.Kind == 3 && s.ParentId == ""), Is.Empty);
        var absent = spans.First(s => s["http.response.status_code"] == "404" && s["http.request.method"] == "GET");
        Assert.That((absent.Status, absent["error.type"]), Is.EqualTo((0, (string?)null)), "to look for something and find nothing is no error");
        Assert.That(spans.Where(s => s.Name == "job.delete").Select(s => s["llmkube.apply.result"]), Has.Some.EqualTo("deleted"));
        Assert.That(spans.Where(s => s["url.full"]?.Contains("watch", StringComparison.Ordinal) == true || s["url.template"]?.Contains("leases", StringComparison.Ordinal) == true), Is.Empty);
    }

    private static void AssertLog(ProgramProcess process, IReadOnlyList<ReceivedSpan> spans, string ofModel)
    {
        // A kill can cut the last line.
        var lines = process.Output.Where((l, i) => i < process.Output.Count - 1 || l.EndsWith('}')).Select(l => JsonNode.Parse(l)!).ToList();
        var created = lines.First(l => ((string?)l["message"])?.StartsWith("Create of Job", StringComparison.Ordinal) == true);
        var reconcile = spans.Single(s => s["llmkube.reconcile.id"] == (string?)created["reconcile_id"]);
        Assert.That(((string?)created["trace_id"], (string?)created["kind"], (string?)created["name"], (long?)created["generation"]), Is.EqualTo((ofModel, "Model", "tiny", 1L)));
        Assert.That(reconcile.TraceId, Is.EqualTo(ofModel));
        Assert.That(spans.Single(s => s.SpanId == (string?)created["span_id"]).Name, Is.EqualTo("job.create"));
    }

    private ProgramProcess Start(string delay) => ProgramProcess.Start(
        [("OTEL_EXPORTER_OTLP_ENDPOINT", $"{_collector.Grpc}"), ("OTEL_BSP_SCHEDULE_DELAY", delay)],
        "--metrics-bind-address=0",
        "--health-probe-bind-address=0",
        "--log-format=json",
        $"--kubeconfig={_cluster.Kubeconfig(_folder.FullName)}",
        $"--namespace={_cluster.Namespace}");
}
