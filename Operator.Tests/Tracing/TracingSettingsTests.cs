using LlmKube.Operator.Tracing;
using Microsoft.Extensions.Configuration;

namespace LlmKube.Operator.Tests.Tracing;

/// <summary>The contract of the environment variables.</summary>
public sealed class TracingSettingsTests
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string TracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const string Http = "http/protobuf";

    private static readonly Dictionary<string, ((string Name, string Value)[] Variables, string? SentTo)> Stories = new()
    {
        ["nothing set"] = ([], null),
        ["an empty endpoint"] = ([(Endpoint, "")], null),
        ["a URL"] = ([(Endpoint, "http://collector:4317")], "Grpc http://collector:4317/"),
        ["a bare host and port"] = ([(Endpoint, "collector.monitoring.svc:4317")], "Grpc http://collector.monitoring.svc:4317/"),
        ["a bare address and port"] = ([(Endpoint, "127.0.0.1:24317")], "Grpc http://127.0.0.1:24317/"),
        ["a bare IPv6 address and port"] = ([(Endpoint, "[::1]:4317")], "Grpc http://[::1]:4317/"),
        ["port 80 if it is said"] = ([(Endpoint, "collector:80")], "Grpc http://collector/"),
        ["TLS"] = ([(Endpoint, "https://collector:4317")], "Grpc https://collector:4317/"),
        ["HTTP gets the path of traces"] = ([(Endpoint, "http://collector:4318"), (Protocol, Http)], "HttpProtobuf http://collector:4318/v1/traces"),
        ["HTTP below a path"] = ([(Endpoint, "http://collector/otlp/"), (Protocol, Http)], "HttpProtobuf http://collector/otlp/v1/traces"),
        ["an endpoint for traces alone"] = ([(TracesEndpoint, "collector:4317")], "Grpc http://collector:4317/"),
        ["an endpoint for traces is taken as it is"] = ([(TracesEndpoint, "http://collector/here"), (Protocol, Http)], "HttpProtobuf http://collector/here"),
        ["what is said of traces goes first"] = ([(Endpoint, "http://a:1"), (TracesEndpoint, "http://b:2")], "Grpc http://b:2/"),
        ["a protocol for traces goes first"] = ([(Endpoint, "http://a:1"), (Protocol, "grpc"), ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", Http)], "HttpProtobuf http://a:1/v1/traces"),
        ["disabled"] = ([(Endpoint, "http://collector:4317"), ("OTEL_SDK_DISABLED", "True")], null),
        ["no exporter"] = ([(Endpoint, "http://collector:4317"), ("OTEL_TRACES_EXPORTER", "none")], null),
        ["the exporter by its name"] = ([(Endpoint, "http://collector:4317"), ("OTEL_TRACES_EXPORTER", "otlp")], "Grpc http://collector:4317/"),
        ["what is disabled is not checked"] = ([(Endpoint, "ftp://"), ("OTEL_SDK_DISABLED", "true")], null),
    };

    private static readonly Dictionary<string, ((string Name, string Value)[] Variables, string Says)> Mistakes = new()
    {
        ["no URL"] = ([(Endpoint, "not a url")], "OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL, or host:port"),
        ["no port"] = ([(Endpoint, "collector")], "OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL, or host:port"),
        ["no host"] = ([(TracesEndpoint, ":4317")], "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT must be an http or https URL, or host:port"),
        ["another scheme"] = ([(Endpoint, "grpc://collector:4317")], "OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL, or host:port"),
        ["credentials"] = ([(Endpoint, "http://me:passw0rd@collector:4317")], "OTEL_EXPORTER_OTLP_ENDPOINT must not hold credentials; put them into OTEL_EXPORTER_OTLP_HEADERS"),
        ["another protocol"] = ([(Endpoint, "http://collector:4318"), (Protocol, "http/json")], "OTEL_EXPORTER_OTLP_PROTOCOL must be grpc or http/protobuf"),
        ["another exporter"] = ([(Endpoint, "http://collector:4318"), ("OTEL_TRACES_EXPORTER", "zipkin")], "OTEL_TRACES_EXPORTER must be otlp or none"),
        ["headers"] = ([(Endpoint, "http://collector:4318"), ("OTEL_EXPORTER_OTLP_HEADERS", "passw0rd")], "OTEL_EXPORTER_OTLP_HEADERS must be name=value, with commas between several"),
        ["a timeout"] = ([(Endpoint, "http://collector:4318"), ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "10s")], "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT must be a number of milliseconds above zero"),
        ["compression"] = ([(Endpoint, "http://collector:4318"), ("OTEL_EXPORTER_OTLP_COMPRESSION", "zip")], "OTEL_EXPORTER_OTLP_COMPRESSION must be gzip or none"),
        ["a sampler"] = ([(Endpoint, "http://collector:4318"), ("OTEL_TRACES_SAMPLER", "often")], "OTEL_TRACES_SAMPLER must be one of always_on, always_off, traceidratio"),
        ["a ratio"] = ([(Endpoint, "http://collector:4318"), ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "5%")], "OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1"),
    };

    public static IEnumerable<string> Names => Stories.Keys;

    public static IEnumerable<string> MistakeNames => Mistakes.Keys;

    [TestCaseSource(nameof(Names))]
    public void Spans_are_sent_where_the_environment_says(string story)
    {
        var settings = TracingSettings.Read(Variables(Stories[story].Variables));

        Assert.That(settings is null ? null : $"{settings.Protocol} {settings.Endpoint}", Is.EqualTo(Stories[story].SentTo));
    }

    [TestCaseSource(nameof(MistakeNames))]
    public void A_mistake_is_refused_by_its_name_and_its_value_is_not_repeated(string mistake) =>
        Assert.That(
            () => TracingSettings.Read(Variables(Mistakes[mistake].Variables)),
            Throws.InstanceOf<TracingSettingException>().With.Message.StartsWith(Mistakes[mistake].Says).And.Message.Not.Contains("passw0rd"));

    private static IConfiguration Variables((string Name, string Value)[] variables) =>
        new ConfigurationBuilder().AddInMemoryCollection(variables.Select(v => KeyValuePair.Create<string, string?>(v.Name, v.Value))).Build();
}
