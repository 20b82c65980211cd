using System.Net;
using System.Net.Sockets;
using k8s;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Hosting;
using LlmKube.Operator.Options;
using LlmKube.Operator.Tests.Stories;
using LlmKube.Operator.Tracing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Tests.Tracing;

/// <summary>What a collector gets from an operator, by its environment; asked for by one scrape and sent when the operator stops.</summary>
public sealed class ExporterTests
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string TracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const string GrpcPath = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    private static readonly Dictionary<string, (Func<Collector, (string Name, string Value)[]> Environment, string? Path)> Stories = new()
    {
        ["a URL"] = (c => [(Endpoint, $"{c.Grpc}")], GrpcPath),
        ["a bare host and port"] = (c => [(Endpoint, $"localhost:{c.Grpc.Port}")], GrpcPath),
        ["an endpoint for traces alone"] = (c => [(TracesEndpoint, $"127.0.0.1:{c.Grpc.Port}")], GrpcPath),
        ["compressed"] = (c => [(Endpoint, $"{c.Grpc}"), ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")], GrpcPath),
        ["HTTP"] = (c => [(Endpoint, $"{c.Http}"), (Protocol, "http/protobuf")], "/v1/traces"),
        ["HTTP, an endpoint for traces alone"] = (c => [(TracesEndpoint, $"{c.Http}my/traces"), (Protocol, "http/protobuf")], "/my/traces"),
        ["no exporter"] = (c => [(Endpoint, $"{c.Grpc}"), ("OTEL_TRACES_EXPORTER", "none")], null),
        ["disabled"] = (c => [(Endpoint, $"{c.Grpc}"), ("OTEL_SDK_DISABLED", "true")], null),
        ["a sampler that takes nothing"] = (c => [(Endpoint, $"{c.Grpc}"), ("OTEL_TRACES_SAMPLER", "always_off")], null),
        ["a ratio of nothing"] = (c => [(Endpoint, $"{c.Grpc}"), ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0")], null),
    };

    private StoryCluster _cluster = null!;
    private Collector _collector = null!;

    public static IEnumerable<string> Names => Stories.Keys;

    [OneTimeSetUp]
    public async Task StartAsync() => _cluster = await StoryCluster.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _cluster.DisposeAsync();

    [SetUp]
    public async Task CollectAsync() => _collector = await Collector.StartAsync();

    [TearDown]
    public async Task CollectNoMoreAsync() => await _collector.DisposeAsync();

    [TestCaseSource(nameof(Names))]
    public async Task Spans_arrive_where_the_environment_says_or_not_at_all(string story)
    {
        await ScrapeAsync(Stories[story].Environment(_collector));

        Assert.That(_collector.Requests.Select(r => r.Path).Distinct(), Is.EqualTo(Stories[story].Path is { } path ? new[] { path } : []));
        Assert.That(_collector.Spans.Select(s => s.Name), Stories[story].Path is null ? Is.Empty : Does.Contain("GET /metrics"));
    }

    [Test]
    public async Task The_operator_says_who_it_is_unless_the_environment_knows_better()
    {
        await ScrapeAsync([(Endpoint, $"{_collector.Grpc}"), ("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=team-a,authorization=Bearer%20abc"), ("POD_UID", "uid-of-pod")], new() { PodName = "operator-0", PodNamespace = "llmkube-system" });

        var resource = _collector.Spans[0].Resource;
        Assert.That(resource["service.name"], Is.EqualTo("llmkube-controller"));
        Assert.That(resource, Contains.Key("service.version").And.ContainKey("service.instance.id").And.ContainKey("telemetry.sdk.version"));
        Assert.That((resource["k8s.pod.name"], resource["k8s.namespace.name"], resource["k8s.pod.uid"]), Is.EqualTo(("operator-0", "llmkube-system", "uid-of-pod")));
        Assert.That((_collector.Requests[0].Headers["x-tenant"], _collector.Requests[0].Headers["authorization"]), Is.EqualTo(("team-a", "Bearer abc")));

        await _collector.DisposeAsync();
        _collector = await Collector.StartAsync();
        await ScrapeAsync([(Endpoint, $"{_collector.Grpc}"), ("OTEL_SERVICE_NAME", "mine"), ("OTEL_RESOURCE_ATTRIBUTES", "service.name=not-this,k8s.pod.name=other,team=a")]);

        resource = _collector.Spans[0].Resource;
        Assert.That((resource["service.name"], resource["k8s.pod.name"], resource["team"]), Is.EqualTo(("mine", "other", "a")));
    }

    [Test]
    public async Task Scrapes_have_a_span_and_probes_leases_informers_and_watches_have_none()
    {
        await ScrapeAsync([(Endpoint, $"{_collector.Grpc}")]);

        var scrapes = _collector.Spans.Where(s => s.Name == "GET /metrics").Select(s => s.SpanId).ToHashSet();
        Assert.That(_collector.Spans.Where(s => !scrapes.Contains(s.SpanId) && !scrapes.Contains(s.ParentId)), Is.Empty, "there is no object, so nothing else has a span");
        var scrape = _collector.Spans.First(s => s.Name == "GET /metrics");
        Assert.That((scrape.Kind, scrape["http.route"], scrape["http.response.status_code"]), Is.EqualTo((2, "/metrics", "200")));
    }

    [Test]
    public async Task A_scrape_that_is_asked_for_its_token_has_the_review_in_its_trace()
    {
        var running = await _cluster.StartOperatorAsync(secure: true, environment: Variables((Endpoint, $"{_collector.Grpc}")));
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var http = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, running.MetricsAddress) { Headers = { Authorization = new("Bearer", "nobodys") } };
        using var answer = await http.SendAsync(request);
        await _cluster.StopOperatorAsync(running);

        var scrape = _collector.Spans.Single(s => s.Name == "GET /metrics");
        var review = _collector.Spans.Single(s => s.Name == "POST /apis/authentication.k8s.io/v1/tokenreviews");
        Assert.That((scrape["http.response.status_code"], review.Kind, review.ParentId, review.TraceId), Is.EqualTo(("401", 3, scrape.SpanId, scrape.TraceId)));
    }

    [Test]
    public async Task An_https_endpoint_is_spoken_to_by_TLS()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var first = FirstByteAsync(listener);

        await ScrapeAsync([(Endpoint, $"https://127.0.0.1:{port}"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "1000")]);

        Assert.That(await first, Is.EqualTo(0x16), "a TLS handshake");
    }

    [Test]
    public async Task A_collector_that_hangs_up_hinders_nothing_and_is_counted()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var end = new CancellationTokenSource();
        var answers = HangUpAsync(listener, end.Token);
        var running = await _cluster.StartOperatorAsync(environment: Variables((Endpoint, $"127.0.0.1:{port}"), ("OTEL_BSP_SCHEDULE_DELAY", "50")));
        Assert.That(await running.MetricsAsync(), Does.Contain("llmkube_otlp_export_failures_total 0"));

        await _cluster.CreateModelAsync("tiny");
        await _cluster.ModelAsync("tiny", ModelPhases.Ready);

        await Eventually.SeeAsync(running.MetricsAsync, m => Failures(m) > 0, "it is counted");
        await _cluster.DeleteModelAsync("tiny");
        await Eventually.SeeAsync(_cluster.AllModelsAsync, models => models.Count == 0, "the model is gone, as long as there is an operator to let it go");
        await _cluster.StopOperatorAsync(running);
        await end.CancelAsync();
        await answers;

        static int Failures(string metrics) => int.Parse(
            metrics.Split('\n').Single(l => l.StartsWith("llmkube_otlp_export_failures_total ", StringComparison.Ordinal)).Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    [Test]
    public async Task A_collector_that_never_answers_does_not_keep_the_operator_from_ending()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var asked = listener.AcceptTcpClientAsync();

        await ScrapeAsync([(Endpoint, $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "3600000")])
            .WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System);

        using var client = await asked;
        Assert.That(client.Connected, Is.True, "there was something to send");
    }

    [Test]
    public async Task What_there_is_when_a_start_fails_is_sent()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        await using (var app = OperatorApplication.Build(
            new() { MetricsBindAddress = BindAddress.TryParse("0")!, HealthProbeBindAddress = BindAddress.Loopback(port), LogLevel = LogLevel.None },
            services => services.AddSingleton(new KubernetesClientConfiguration { Host = "http://127.0.0.1:1" }).AddSingleton(Prometheus.Metrics.NewCustomRegistry()),
            Variables((Endpoint, $"{_collector.Grpc}"), ("OTEL_BSP_SCHEDULE_DELAY", "3600000"))))
        {
            await Assert.ThatAsync(() => app.StartAsync(), Throws.InstanceOf<IOException>());
            Spans.Start("before the end")?.Dispose();
        }

        Assert.That(_collector.Spans.Select(s => s.Name), Does.Contain("before the end"));
    }

    private static async Task HangUpAsync(TcpListener listener, CancellationToken end)
    {
        try
        {
            while (true) (await listener.AcceptTcpClientAsync(end)).Dispose();
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return; // the test has seen enough
        }
    }

    private static async Task<int> FirstByteAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync();
        var first = new byte[1];
        await client.GetStream().ReadExactlyAsync(first);
        return first[0];
    }

    // Nothing is sent before the end, so that what arrives was flushed.
    private async Task ScrapeAsync((string Name, string Value)[] environment, OperatorOptions? options = null)
    {
        var running = await _cluster.StartOperatorAsync((options ?? new()) with { LeaderElect = true }, environment: Variables([.. environment, ("OTEL_BSP_SCHEDULE_DELAY", "3600000")]));
        await Eventually.SeeAsync(
            running.MetricsAsync, m => m.Contains("leader_election_master_status{name=\"llmkube-operator-leader\"} 1", StringComparison.Ordinal), "it leads");
        await Eventually.SeeAsync(async () => (await running.GetAsync("/readyz", probes: true)).Status, s => s == HttpStatusCode.OK, "it is ready");
        await _cluster.StopOperatorAsync(running);
    }

    private static Dictionary<string, string?> Variables(params (string Name, string Value)[] variables) => variables.ToDictionary(v => v.Name, v => (string?)v.Value);
}
