using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tests.Fetching;
using LlmKube.Operator.Tests.Stories;
using Microsoft.AspNetCore.Http;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary>Sources that fail in each way, side by side with sound ones, from the Model to the file: real HTTP, and the download verb in processes of its own.</summary>
[Parallelizable]
public sealed class MisbehavingSourceTests
{
    private const int Small = 20;
    private const string Held = "held";

    // Those whose reason is said within one run. What is tried again for long by the run itself is in the fetch's own tests.
    private static readonly Dictionary<string, (Func<HttpContext, MisbehavingServer, Task> Answer, string Reason)> Failing = new()
    {
        ["not-found"] = ((c, _) => MisbehavingServer.StatusAsync(c, 404, "Entry not found"), Reasons.SourceNotFound),
        ["no-login"] = ((c, _) => MisbehavingServer.StatusAsync(c, 401), Reasons.SourceUnauthorized),
        ["forbidden"] = ((c, _) => MisbehavingServer.StatusAsync(c, 403), Reasons.SourceUnauthorized),
        ["html"] = (HtmlAsync, Reasons.NotGguf),
        ["wrong-length"] = ((c, s) => RawAnswer.EndEarlyAsync(c, s.File, s.File.Length + 1000L), Reasons.LengthMismatch),
        ["loop"] = ((c, _) => MisbehavingServer.StatusAsync(c, 302, headers: ("Location", "/loop/model.gguf")), Reasons.SourceUnreachable),
        ["metadata"] = ((c, _) => MisbehavingServer.StatusAsync(c, 302, headers: ("Location", "http://169.254.169.254/latest/meta-data/")), Reasons.SourceNotAllowed),
    };

    // Those that come through nevertheless.
    private static readonly string[] Recovering = ["busy", "reset", "changed", "elsewhere"];

    private readonly LoopbackAuthority _authority = LoopbackAuthority.Create("private");
    private MisbehavingServer _server = null!;
    private MisbehavingServer _other = null!;
    private MisbehavingServer _private = null!;
    private StoryCluster _cluster = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = await MisbehavingServer.StartAsync(Bytes.Sound);
        _other = await MisbehavingServer.StartAsync(Bytes.Sound);
        _private = await MisbehavingServer.StartAsync(Bytes.Sound, _authority.Server);
        _cluster = await StoryCluster.StartAsync(new() { Processes = true, Nodes = NodeSpec.Many(1) });
        await _cluster.StartOperatorAsync(new() { MaxConcurrentFetches = 0 });
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _cluster.DisposeAsync();
        foreach (var server in new[] { _server, _other, _private }) await server.DisposeAsync();
    }

    [OneTimeTearDown]
    public void Forget() => _authority.Dispose();

    [Test]
    public async Task Each_source_that_fails_says_why_and_leaves_the_others_alone()
    {
        _server.Usually = AnswerAsync;
        foreach (var name in (string[])[.. Failing.Keys, .. Recovering, "stalled", "crawling"]) await _cluster.CreateModelAsync(name, UrlOf(name));
        await _cluster.CreateModelAsync("untrusted", _private.Url);

        foreach (var beside in Failing.Keys) await _cluster.CreateModelAsync($"beside-{beside}", UrlOf($"beside-{beside}"));

        foreach (var beside in Failing.Keys) await _cluster.ModelAsync($"beside-{beside}", ModelPhases.Ready);
        foreach (var name in Recovering) await _cluster.ModelAsync(name, ModelPhases.Ready);
        foreach (var (name, (_, reason)) in Failing) await DegradedAsync(name, reason);
        await DegradedAsync("untrusted", Reasons.SourceUntrusted);
        foreach (var name in (string[])["stalled", "crawling"]) Assert.That((await _cluster.ModelAsync(name, ModelPhases.Downloading)).Status.Sha256, Is.Null);
        var kept = Placed();
        foreach (var name in (string[])[.. Failing.Keys, "stalled", "crawling"]) Assert.That(kept, Has.None.Contains(CacheKey.Of(UrlOf(name))), $"{name}: nothing at the final path");
        Assert.That(kept, Has.None.Contains(CacheKey.Of(_private.Url)));
        Assert.That(kept, Has.Count.EqualTo(Failing.Count + Recovering.Length));
        Assert.That(_other.Requests, Has.Count.EqualTo(1), "where the redirect led");
    }

    [Test]
    public async Task Twenty_small_ones_are_Ready_while_a_large_one_is_still_on_its_way()
    {
        _server.Usually = (c, s) => IsAt(c, Held) ? MisbehavingServer.StallAt(1_000_000)(c, s) : s.ServeAsync(c);
        await _cluster.CreateModelAsync(Held, UrlOf(Held));
        await Eventually.TrueAsync(() => _server.BytesSent >= 1_000_000, "the large one is on its way");

        for (var i = 0; i < Small; i++) await _cluster.CreateModelAsync($"small-{i}", UrlOf($"small-{i}"));
        for (var i = 0; i < Small; i++) await _cluster.ModelAsync($"small-{i}", ModelPhases.Ready);

        await _cluster.ModelAsync(Held, ModelPhases.Downloading);
        Assert.That(_server.Requests.Select(r => r.Path).Distinct().Count(), Is.EqualTo(_server.Requests.Count).And.EqualTo(Small + 1), "each is asked for once");
        Assert.That(Placed(), Has.Count.EqualTo(Small));
    }

    [Test]
    public async Task Two_Models_of_one_source_of_which_one_wants_another_hash_cost_one_transfer()
    {
        await _cluster.CreateModelAsync("right", _server.Url, m => m.Sha256 = Bytes.Sha256(Bytes.Sound));
        await _cluster.CreateModelAsync("wrong", _server.Url, m => m.Sha256 = new string('0', 64));

        await _cluster.ModelAsync("right", ModelPhases.Ready);
        var wrong = await _cluster.ModelAsync("wrong", ModelPhases.Failed);

        Assert.That(wrong.Status.Conditions.Find(ConditionTypes.Degraded)!.Reason, Is.EqualTo(Reasons.ChecksumMismatch));
        Assert.That((_server.Requests.Count, _server.BytesSent), Is.EqualTo((1, (long)Bytes.Sound.Length)));
    }

    [Test]
    public async Task Three_services_with_replicas_of_one_source_cost_one_transfer()
    {
        for (var i = 0; i < 3; i++)
        {
            await _cluster.CreateModelAsync($"model-{i}", _server.Url);
            await _cluster.CreateServiceAsync($"chat-{i}", $"model-{i}", s => s.Replicas = 2);
        }

        for (var i = 0; i < 3; i++) await _cluster.ServiceAsync($"chat-{i}", s => s is { Phase: InferenceServicePhases.Ready, ReadyReplicas: 2 });

        Assert.That((_server.Requests.Count, _server.BytesSent), Is.EqualTo((1, (long)Bytes.Sound.Length)));
        Assert.That(Placed(), Has.Count.EqualTo(1));
    }

    private string UrlOf(string name) => new Uri(_server.Address, $"/{name}/model.gguf").AbsoluteUri;

    private static bool IsAt(HttpContext context, string name) => context.Request.Path.StartsWithSegments($"/{name}", StringComparison.Ordinal);

    private static Task HtmlAsync(HttpContext context, MisbehavingServer server) => MisbehavingServer.StatusAsync(context, 200, "<!DOCTYPE html><html>Sign in</html>");

    private async Task AnswerAsync(HttpContext context, MisbehavingServer server)
    {
        var name = context.Request.Path.Value!.Split('/')[1];
        var isFirst = _server.Requests.Count(r => r.Path == context.Request.Path.Value) == 1;
        await (name switch
        {
            _ when Failing.TryGetValue(name, out var failing) => failing.Answer(context, server),
            "busy" when isFirst => MisbehavingServer.StatusAsync(context, 429, "slow down", ("Retry-After", "1")),
            "reset" when isFirst => MisbehavingServer.ResetAt(Bytes.Sound.Length * 6L / 10)(context, server),
            "changed" when isFirst => ChangeHalfwayAsync(context, server),
            "elsewhere" => MisbehavingServer.StatusAsync(context, 302, headers: ("Location", _other.Url)),
            "stalled" => MisbehavingServer.StallAt(1_000_000)(context, server),
            "crawling" => MisbehavingServer.CrawlAsync(context, server),
            _ => server.ServeAsync(context),
        });
    }

    // What comes next has another validator, so that the resume gets all of it.
    private static async Task ChangeHalfwayAsync(HttpContext context, MisbehavingServer server)
    {
        context.Response.OnStarting(() =>
        {
            context.Response.Headers.ETag = "\"before\"";
            return Task.CompletedTask;
        });
        await MisbehavingServer.ResetAt(Bytes.Sound.Length / 2)(context, server);
    }

    private async Task DegradedAsync(string name, string reason) => await Eventually.SeeAsync(
        _cluster.AllModelsAsync, all => all.Single(m => m.Metadata.Name == name).Status?.Conditions.Find(ConditionTypes.Degraded) is { Status: "True" } degraded && degraded.Reason == reason, $"{name} is degraded by {reason}");

    /// <summary>The files at final paths.</summary>
    private List<string> Placed() => [.. Directory.EnumerateFiles(_cluster.VolumeFolder, ArtifactPlan.SingleName, SearchOption.AllDirectories)];
}
