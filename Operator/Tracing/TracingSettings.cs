using System.Globalization;
using OpenTelemetry.Exporter;

namespace LlmKube.Operator.Tracing;

/// <summary>
/// Where spans go, by OpenTelemetry's standard environment variables. The SDK reads some of them as well; what it passes over or takes for
/// something else (a bare <c>host:port</c>, an endpoint for traces alone, <c>none</c>) is understood here, and what is mistaken is refused.
/// </summary>
/// <param name="Endpoint">The address that spans are sent to, as it is: of HTTP with the path.</param>
/// <param name="Protocol">How they are sent.</param>
internal sealed record TracingSettings(Uri Endpoint, OtlpExportProtocol Protocol)
{
    private const string Disabled = "OTEL_SDK_DISABLED";
    private const string Exporter = "OTEL_TRACES_EXPORTER";
    private const string Sampler = "OTEL_TRACES_SAMPLER";
    private const string SamplerArgument = "OTEL_TRACES_SAMPLER_ARG";
    private const string Prefix = "OTEL_EXPORTER_OTLP_";
    private const string TracesPrefix = "OTEL_EXPORTER_OTLP_TRACES_";
    private const string RatioSampler = "traceidratio";
    private const string TracesPath = "v1/traces";

    private static readonly string[] Samplers =
    [
        "always_on", "always_off", RatioSampler, "parentbased_always_on", "parentbased_always_off", $"parentbased_{RatioSampler}",
    ];

    /// <summary>Headers of each request, as <c>name=value</c> with commas between; null: none. They can hold tokens.</summary>
    public string? Headers { get; init; }

    /// <summary>How long one request may take; null: the SDK's default.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether requests are compressed; null: the SDK's default.</summary>
    public OtlpExportCompression? Compression { get; init; }

    /// <summary>The settings; null: tracing is off, because no endpoint is named or because a variable says so.</summary>
    /// <exception cref="TracingSettingException">A variable says what can't be understood.</exception>
    public static TracingSettings? Read(IConfiguration variables)
    {
        if (string.Equals(variables[Disabled]?.Trim(), "true", StringComparison.OrdinalIgnoreCase)) return null;
        var endpoint = Find(variables, "ENDPOINT");
        if (endpoint is null) return null;
        switch (Text(variables, Exporter))
        {
            case "none": return null;
            case null or "otlp": break;
            default: throw new TracingSettingException(Exporter, "must be otlp or none");
        }

        CheckSampler(variables);
        var protocol = ProtocolOf(Find(variables, "PROTOCOL"));
        return new TracingSettings(AddressOf(endpoint, protocol), protocol)
        {
            Headers = HeadersOf(Find(variables, "HEADERS")),
            Timeout = TimeoutOf(Find(variables, "TIMEOUT")),
            Compression = CompressionOf(Find(variables, "COMPRESSION")),
        };
    }

    private static Uri AddressOf(Variable endpoint, OtlpExportProtocol protocol)
    {
        const string Rule = "must be an http or https URL, or host:port";
        var isUrl = endpoint.Value.Contains("://", StringComparison.Ordinal);
        var text = isUrl ? endpoint.Value : $"http://{endpoint.Value}";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0) throw endpoint.Mistaken(Rule);
        if (url.UserInfo.Length > 0) throw endpoint.Mistaken($"must not hold credentials; put them into {Prefix}HEADERS");
        if (url.Query.Length > 0 || url.Fragment.Length > 0 || (!isUrl && !HasPort(endpoint.Value, url))) throw endpoint.Mistaken(Rule);
        return protocol == OtlpExportProtocol.HttpProtobuf && !endpoint.IsForTraces ? new Uri($"{url.AbsoluteUri.TrimEnd('/')}/{TracesPath}") : url;
    }

    // Uri knows only the port that was meant, which is 80 where none was said.
    private static bool HasPort(string text, Uri url) => text.TrimEnd('/').EndsWith($":{url.Port.ToString(CultureInfo.InvariantCulture)}", StringComparison.Ordinal);

    private static OtlpExportProtocol ProtocolOf(Variable? protocol) => protocol?.Value switch
    {
        null or "grpc" => OtlpExportProtocol.Grpc,
        "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
        _ => throw protocol!.Mistaken("must be grpc or http/protobuf"),
    };

    private static string? HeadersOf(Variable? headers)
    {
        if (headers is null) return null;
        var isSound = headers.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).All(h => h.IndexOf('=', StringComparison.Ordinal) > 0);
        return isSound ? headers.Value : throw headers.Mistaken("must be name=value, with commas between several");
    }

    private static TimeSpan? TimeoutOf(Variable? timeout) => timeout is null ? null
        : int.TryParse(timeout.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds > 0
            ? TimeSpan.FromMilliseconds(milliseconds)
            : throw timeout.Mistaken("must be a number of milliseconds above zero");

    private static OtlpExportCompression? CompressionOf(Variable? compression) => compression?.Value switch
    {
        null => null,
        "gzip" => OtlpExportCompression.GZip,
        "none" => OtlpExportCompression.None,
        _ => throw compression!.Mistaken("must be gzip or none"),
    };

    // The SDK reads both; a mistaken one it would pass over.
    private static void CheckSampler(IConfiguration variables)
    {
        if (Text(variables, Sampler) is not { } sampler) return;
        if (!Samplers.Contains(sampler)) throw new TracingSettingException(Sampler, $"must be one of {string.Join(", ", Samplers)}");
        if (!sampler.EndsWith(RatioSampler, StringComparison.Ordinal) || Text(variables, SamplerArgument) is not { } argument) return;
        if (!double.TryParse(argument, NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio) || ratio is not (>= 0 and <= 1))
        {
            throw new TracingSettingException(SamplerArgument, "must be a number from 0 to 1");
        }
    }

    // What is said of traces alone goes before what is said of all signals.
    private static Variable? Find(IConfiguration variables, string name) =>
        Text(variables, TracesPrefix + name) is { } ofTraces ? new(TracesPrefix + name, ofTraces, IsForTraces: true)
        : Text(variables, Prefix + name) is { } ofAll ? new(Prefix + name, ofAll, IsForTraces: false)
        : null;

    // An empty variable is as good as none.
    private static string? Text(IConfiguration variables, string name) => variables[name]?.Trim() is { Length: > 0 } text ? text : null;

    private sealed record Variable(string Name, string Value, bool IsForTraces)
    {
        public TracingSettingException Mistaken(string rule) => new(Name, rule);
    }
}

/// <summary>An environment variable for tracing says what can't be understood. Values are not repeated: they can hold tokens.</summary>
/// <param name="variable">Its name.</param>
/// <param name="rule">What it must be.</param>
internal sealed class TracingSettingException(string variable, string rule) : Exception($"{variable} {rule}");
