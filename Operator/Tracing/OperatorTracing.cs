using System.Diagnostics;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Hosting;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Options;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace LlmKube.Operator.Tracing;

/// <summary>Switches tracing on, if the environment asks for it. Disposing of the host sends what is left, for five seconds at most: the SDK's limit.</summary>
internal static class OperatorTracing
{
    private const string DefaultServiceName = "llmkube-controller";

    /// <summary>Adds tracing to the host, or nothing at all.</summary>
    /// <exception cref="TracingSettingException">The environment asks for something that can't be understood.</exception>
    public static void AddTracing(this WebApplicationBuilder builder, OperatorOptions options)
    {
        if (TracingSettings.Read(builder.Configuration) is not { } settings) return;
        builder.Services.AddSingleton<Func<V1ObjectMeta, ActivityTraceId>>(ObjectTrace.IdOf);
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => Describe(resource, options, builder.Configuration["POD_UID"]))
            .WithTracing(tracing => tracing
                .AddSource(OperatorApplication.Name, SourceOf(Model.KubeKind), SourceOf(InferenceService.KubeKind))
                .AddAspNetCoreInstrumentation(RequestSpans.Configure)
                .AddHttpClientInstrumentation(RequestSpans.Configure)
                .AddProcessor(services => Processor(services, settings)));
    }

    // The engine has a source for each controller; those that only wake others have nothing to tell.
#pragma warning disable CA1308 // Its names are lower-case.
    private static string SourceOf(string kind) => $"{OperatorApplication.Name}.{kind.ToLowerInvariant()}";
#pragma warning restore CA1308

    // What the environment says is added last and wins.
    private static void Describe(ResourceBuilder resource, OperatorOptions options, string? podUid)
    {
        Dictionary<string, object> pod = [];
        if (options.PodName is { Length: > 0 } name) pod["k8s.pod.name"] = name;
        if (options.PodNamespace is { Length: > 0 } @namespace) pod["k8s.namespace.name"] = @namespace;
        if (podUid is { Length: > 0 } uid) pod["k8s.pod.uid"] = uid;
        resource.Clear()
            .AddTelemetrySdk()
            .AddService(DefaultServiceName, serviceVersion: typeof(OperatorTracing).Assembly.GetName().Version!.ToString(3))
            .AddAttributes(pod)
            .AddEnvironmentVariableDetector();
    }

    private static BatchActivityExportProcessor Processor(IServiceProvider services, TracingSettings settings)
    {
        // What is not set here the options read from the environment: certificates and the like.
        var options = new OtlpExporterOptions { Endpoint = settings.Endpoint, Protocol = settings.Protocol };
        if (settings.Headers is { } headers) options.Headers = headers;
        if (settings.Timeout is { } timeout) options.TimeoutMilliseconds = (int)timeout.TotalMilliseconds;
        if (settings.Compression is { } compression) options.Compression = compression;
        var exporter = new MeasuredExporter(
            options, services.GetRequiredService<OperatorMetrics>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<MeasuredExporter>>());
        var batches = services.GetRequiredService<IOptions<BatchExportActivityProcessorOptions>>().Value;
        return new BatchActivityExportProcessor(
            exporter, batches.MaxQueueSize, batches.ScheduledDelayMilliseconds, batches.ExporterTimeoutMilliseconds, batches.MaxExportBatchSize);
    }
}
