using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Queue;
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
        Assert.That(thrown["exception.message"], Is.EqualTo("GET https://models.example/a.gguf failed"));
        Assert.That(thrown["exception.stacktrace"], Does.Contain(nameof(ReconcileSpanTests)).And.Not.Contain("passw0rd"));
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
