using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Queue;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Tests.Fakes;
using LlmKube.Operator.Engine.Tracing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Tests.Tracing;

/// <summary>What a run of a controller leaves in traces and logs.</summary>
public sealed class ReconcileSpanTests : FakeApiFixture
{
    // Of this test alone: others run operators with widgets too.
    private readonly string _operator = $"traced-{Guid.NewGuid():n}";
    private HeardSpans _spans = null!;

    [SetUp]
    public void Listen() => _spans = new($"{_operator}.widget");

    [TearDown]
    public void Hush() => _spans.Dispose();

    [Test]
    public async Task A_span_says_whose_run_it_is_why_and_how_it_ended()
    {
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await StartAsync();

        var span = (await SpansAsync("a", 1))[0];

        var stored = test.Widgets.Get(new("default", "a"))!.Metadata;
        Assert.That((span.DisplayName, span.Kind, span.ParentSpanId, span.Status), Is.EqualTo(("reconcile Widget", ActivityKind.Consumer, default(ActivitySpanId), ActivityStatusCode.Unset)));
        Assert.That(Tags(span, "k8s.namespace.name", "k8s.object.uid", "llmkube.resource_version", "llmkube.reconcile.trigger", "llmkube.attempt", "llmkube.reconcile.result"),
            Is.EqualTo(new object?[] { "default", stored.Uid, stored.ResourceVersion, "resync", 1, "success" }));
        Assert.That(span.GetTagItem("llmkube.queue.wait_seconds"), Is.EqualTo(0.0));
        Assert.That(Guid.TryParse((string?)span.GetTagItem("llmkube.reconcile.id"), out _), Is.True);
    }

    [Test]
    public async Task The_trigger_is_why_the_object_was_looked_at()
    {
        await using var test = await StartAsync(script => script.OnReconcile = (widget, _) =>
            Task.FromResult(ReconciliationResult<Widget>.Success(widget, widget.Spec.Size == 2 ? TimeSpan.FromSeconds(30) : null)));
        await test.SyncedAsync();
        Api.Put("widgets", Widget.Json("a", 1));
        await SpansAsync("a", 1);
        var queue = test.Services.GetRequiredService<EntityQueue<Widget>>();
        await queue(new Widget { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "default" } }, ReconciliationType.Modified, ReconciliationTriggerSource.Operator, TimeSpan.Zero, 0, default);
        await SpansAsync("a", 2);
        Api.Put("widgets", Widget.Json("a", 2));
        await SpansAsync("a", 3);
        test.Clock.Advance(TimeSpan.FromSeconds(30));

        var spans = await SpansAsync("a", 4);

        Assert.That(spans.Select(s => s.GetTagItem("llmkube.reconcile.trigger")), Is.EqualTo(new[] { "watch", "dependency", "watch", "requeue" }));
        Assert.That(spans.Select(s => s.GetTagItem("llmkube.reconcile.result")), Is.EqualTo(new[] { "success", "success", "requeue_after", "requeue_after" }));
        Assert.That(spans.SelectMany(s => s.Links), Is.Empty, "what was settled is no earlier attempt");
    }

    [Test]
    public async Task A_failed_attempt_says_why_without_secrets_and_the_next_one_links_to_it()
    {
        var failures = 2;
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await StartAsync(script => script.OnReconcile = (widget, _) => Interlocked.Decrement(ref failures) >= 0
            ? throw new InvalidOperationException("GET https://me:passw0rd@models.example/a.gguf?token=passw0rd failed")
            : Task.FromResult(ReconciliationResult<Widget>.Success(widget)));
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 3, test.Clock, TimeSpan.FromMilliseconds(5));

        var spans = await SpansAsync("a", 3);

        Assert.That(spans.Select(s => s.GetTagItem("llmkube.attempt")), Is.EqualTo(new[] { 1, 2, 3 }));
        Assert.That(spans.Select(s => s.GetTagItem("llmkube.reconcile.trigger")), Is.EqualTo(new[] { "resync", "retry", "retry" }));
        Assert.That(spans.Select(s => s.Status), Is.EqualTo(new[] { ActivityStatusCode.Error, ActivityStatusCode.Error, ActivityStatusCode.Unset }));
        Assert.That(spans.Select(s => s.Links.SingleOrDefault().Context), Is.EqualTo(new[] { default, spans[0].Context, spans[1].Context }));
        Assert.That(spans[0].GetTagItem("error.type"), Is.EqualTo("System.InvalidOperationException"));
        var thrown = spans[0].Events.Single(e => e.Name == "exception").Tags.ToDictionary(t => t.Key, t => (string?)t.Value);
        Assert.That(thrown["exception.message"], Is.EqualTo("GET https://models.example failed"));
        Assert.That(thrown["exception.stacktrace"], Does.StartWith("   at ").And.Contain(nameof(ReconcileSpanTests)).And.Not.Contain("passw0rd"));
    }

    [Test]
    public async Task What_the_API_server_answers_is_told_by_its_kind_and_not_in_its_words()
    {
        Api.Put("widgets", Widget.Json("a"));
        Api.Intercept = call => Task.FromResult<(int, string)?>(call.Method != "POST" ? null
            : (422, """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Invalid","code":422,"message":"spec.args: Invalid value: --key=passw0rd"}"""));
        TestOperator? test = null;
        await using var started = test = await StartAsync(script => script.OnReconcile = async (widget, cancellationToken) =>
        {
            await Eventually.IsTrueAsync(() => Volatile.Read(ref test) is not null);
            try
            {
                await test!.Client.CreateAsync(new Widget { Metadata = new V1ObjectMeta { Name = "b", NamespaceProperty = "default" } }, cancellationToken);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException("Could not create b: " + e.Message, e);
            }

            return ReconciliationResult<Widget>.Success(widget);
        });

        var span = (await SpansAsync("a", 1))[0];

        var thrown = span.Events.Single(e => e.Name == "exception").Tags.ToDictionary(t => t.Key, t => (string?)t.Value);
        Assert.That((span.StatusDescription, thrown["exception.message"]), Is.EqualTo(("the API server answered 422 Invalid", "the API server answered 422 Invalid")));
        Assert.That(thrown["exception.stacktrace"], Does.Contain("caused by k8s.Autorest.HttpOperationException").And.Not.Contain("passw0rd"));
    }

    [TestCase("GET https://me:passw0rd@h:8443/passw0rd?passw0rd failed", "GET https://h:8443 failed")]
    [TestCase("https://me:p@ssw0rd@h/passw0rd", "https://h")]
    [TestCase("https://me:passw0rd@[::1]:80/passw0rd", "https://[::1]:80")]
    [TestCase("https://me:pass/w0rd@h/a", "https://me")]
    [TestCase("https://me:p'ss\"w0rd@h/a", "https://h")]
    [TestCase("https://h?token=a@passw0rd", "https://h")]
    [TestCase("https://h/?token=it's-passw0rd", "https://h")]
    [TestCase("s3://bucket/passw0rd and hf://passw0rd@h/x", "s3://bucket and hf://h")]
    [TestCase("no address at all: 10:30", "no address at all: 10:30")]
    public void Of_an_address_scheme_and_host_are_left(string text, string told) => Assert.That(ExceptionEvent.WithoutSecrets(text), Is.EqualTo(told));

    [TestCase("success", "success", ActivityStatusCode.Unset, false)]
    [TestCase("look again", "requeue_after", ActivityStatusCode.Unset, false)]
    [TestCase("look again at once", "requeue", ActivityStatusCode.Unset, false)]
    [TestCase("not yet", "requeue_after", ActivityStatusCode.Unset, true)]
    [TestCase("not yet, at once", "requeue", ActivityStatusCode.Unset, true)]
    [TestCase("conflict", "conflict", ActivityStatusCode.Unset, true)]
    [TestCase("undecodable", "terminal_error", ActivityStatusCode.Error, false)]
    [TestCase("failure", "error", ActivityStatusCode.Error, true)]
    public async Task How_a_run_ends_is_its_result_and_status_and_what_is_unsettled_is_linked_to(string end, string result, ActivityStatusCode status, bool isLinked)
    {
        Api.Put("widgets", Widget.Json("a", 1));
        await using var test = await StartAsync(script => script.OnReconcile = (widget, _) => Task.FromResult(script.Runs("a") > 1 ? ReconciliationResult<Widget>.Success(widget) : end switch
        {
            "success" => ReconciliationResult<Widget>.Success(widget),
            "look again" => ReconciliationResult<Widget>.Success(widget, TimeSpan.FromHours(1)),
            "look again at once" => ReconciliationResult<Widget>.Success(widget, TimeSpan.Zero),
            "not yet" => ReconciliationResult<Widget>.Failure(widget, "Not yet.", requeueAfter: TimeSpan.FromHours(1)),
            "not yet, at once" => ReconciliationResult<Widget>.Failure(widget, "Not yet.", requeueAfter: TimeSpan.Zero),
            "conflict" => throw new HttpOperationException("lost") { Response = new(new(HttpStatusCode.Conflict), "") },
            "undecodable" => throw new UndecodableObjectException("Widget b", new JsonException("size")),
            _ => throw new InvalidOperationException("no"),
        }));
        await SpansAsync("a", 1);
        Api.Put("widgets", Widget.Json("a", 2));
        await Eventually.IsTrueAsync(() => _spans.Of("a").Count >= 2, test.Clock, TimeSpan.FromMilliseconds(5));

        var spans = _spans.Of("a");

        Assert.That((spans[0].GetTagItem("llmkube.reconcile.result"), spans[0].Status), Is.EqualTo((result, status)));
        Assert.That(spans[1].Links.Select(l => l.Context), Is.EqualTo(isLinked ? new[] { spans[0].Context } : []));
    }

    [Test]
    public async Task An_attempt_that_can_not_look_has_no_span_and_the_next_one_links_to_the_one_before()
    {
        var looks = 0;
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await StartAsync(script => script.OnReconcile = (widget, _) =>
        {
            if (script.Runs("a") > 1) return Task.FromResult(ReconciliationResult<Widget>.Success(widget));
            Api.Intercept = call => Task.FromResult<(int, string)?>(
                call is { Method: "GET", IsList: false, IsWatch: false } && Interlocked.Increment(ref looks) == 1 ? (500, "{}") : null);
            throw new HttpOperationException("lost") { Response = new(new(HttpStatusCode.Conflict), "") };
        });
        await Eventually.IsTrueAsync(() => _spans.Of("a").Count >= 2, test.Clock, TimeSpan.FromMilliseconds(5));

        var spans = _spans.Of("a");

        Assert.That((looks, spans[1].GetTagItem("llmkube.attempt")), Is.EqualTo((2, 3)));
        Assert.That(spans[1].Links.Single().Context, Is.EqualTo(spans[0].Context));
    }

    [Test]
    public async Task A_run_that_the_end_of_the_process_cuts_short_says_so()
    {
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await StartAsync(script => script.OnReconcile = async (widget, cancellationToken) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return ReconciliationResult<Widget>.Success(widget);
        });
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1);
        var stopped = test.StopAsync();
        await Eventually.IsTrueAsync(() => stopped.IsCompleted, test.Clock, TimeSpan.FromSeconds(1));
        await stopped;

        Assert.That(_spans.Of("a").Single().GetTagItem("llmkube.reconcile.result"), Is.EqualTo("aborted"));
    }

    [Test]
    public async Task A_trace_is_what_the_host_says_also_for_an_object_that_is_gone()
    {
        var traces = new ConcurrentDictionary<string, ActivityTraceId>();
        Api.Put("widgets", Widget.Json("a", 1));
        await using var test = await StartAsync(compose: services =>
            services.AddSingleton<Func<V1ObjectMeta, ActivityTraceId>>(of => traces.GetOrAdd(of.Name + of.Uid, _ => ActivityTraceId.CreateRandom())));
        await SpansAsync("a", 1);
        Api.Put("widgets", Widget.Json("a", 2));
        await SpansAsync("a", 2);
        Api.Remove("widgets", "default", "a");

        var spans = await SpansAsync("a", 3);

        Assert.That(spans.Select(s => s.TraceId).Distinct(), Is.EqualTo(new[] { traces.Single().Value }), "several roots of one trace");
        Assert.That(test.Script.Deleted, Has.Count.EqualTo(1));
    }

    [TestCase(TraceAnnotations.Traceparent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true)]
    [TestCase(TraceAnnotations.TraceContext, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true)]
    [TestCase(TraceAnnotations.TraceContext, """{"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "a=b"}""", true)]
    [TestCase(TraceAnnotations.TraceContext, """{"traceparent": 7}""", false)]
    [TestCase(TraceAnnotations.TraceContext, "{", false)]
    [TestCase(TraceAnnotations.Traceparent, "00-00000000000000000000000000000000-b7ad6b7169203331-01", false)]
    [TestCase(TraceAnnotations.Traceparent, "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false)]
    [TestCase(TraceAnnotations.Traceparent, "'; drop table spans", false)]
    [TestCase(TraceAnnotations.Traceparent, "", false)]
    public async Task The_trace_of_the_writer_is_linked_if_an_annotation_tells_it(string annotation, string value, bool isOne)
    {
        var widget = Widget.Json("a");
        widget["metadata"]!["annotations"] = new JsonObject { [annotation] = value };
        Api.Put("widgets", widget);
        await using var test = await StartAsync();

        var links = (await SpansAsync("a", 1))[0].Links.Select(l => l.Context.TraceId.ToHexString());

        Assert.That(links, Is.EqualTo(isOne ? new[] { "0af7651916cd43dd8448eb211c80319c" } : []));
    }

    [Test]
    public async Task Log_lines_of_a_run_and_of_what_follows_from_it_carry_its_id_and_trace()
    {
        var lines = new RunLog();
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await StartAsync(
            script => script.OnReconcile = (widget, _) => Task.FromResult(ReconciliationResult<Widget>.Failure(widget, "Not today.")),
            services => services.AddSingleton<ILoggerProvider>(lines));

        var span = (await SpansAsync("a", 1))[0];

        var line = lines.Lines.First(l => l.Message.Contains("Not today.", StringComparison.Ordinal));
        Assert.That((line.ReconcileId, line.TraceId), Is.EqualTo(((string?)span.GetTagItem("llmkube.reconcile.id"), span.TraceId.ToHexString())));
    }

    [Test]
    public async Task Without_a_listener_there_is_no_span()
    {
        _spans.Dispose();
        Activity? current = null;
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await StartAsync(script => script.OnReconcile = (widget, _) =>
        {
            current = Activity.Current;
            return Task.FromResult(ReconciliationResult<Widget>.Success(widget));
        });
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1);

        Assert.That(current, Is.Null);
    }

    private Task<TestOperator> StartAsync(Action<Script>? script = null, Action<IServiceCollection>? compose = null) => TestOperator.StartAsync(
        Api,
        script,
        settings => settings.WithName(_operator),
        composition =>
        {
            compose?.Invoke(composition.Services);
            composition.AddController<WidgetController, Widget>();
        });

    private async Task<IReadOnlyList<Activity>> SpansAsync(string name, int count)
    {
        await Eventually.IsTrueAsync(() => _spans.Of(name).Count >= count, $"{count} spans");
        return _spans.Of(name);
    }

    private static IEnumerable<object?> Tags(Activity span, params string[] names) => names.Select(span.GetTagItem);

    private sealed class RunLog : ILoggerProvider, ISupportExternalScope, ILogger
    {
        private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

        public ConcurrentQueue<(string Message, string? ReconcileId, string? TraceId)> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => _scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            string? id = null;
            _scopes.ForEachScope((scope, _) => id = (scope as IEnumerable<KeyValuePair<string, object>>)?.FirstOrDefault(p => p.Key == "ReconcileId").Value as string ?? id, 0);
            Lines.Enqueue((formatter(state, exception), id, Activity.Current?.TraceId.ToHexString()));
        }

        public void Dispose()
        {
            // It holds nothing.
        }
    }
}
