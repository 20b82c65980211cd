using System.Net;
using System.Net.Security;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Options;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Prometheus;

namespace LlmKube.Operator.Hosting;

/// <summary>What the operator serves over HTTP: probes for the kubelet, metrics for Prometheus, each at its own address.</summary>
internal static class Endpoints
{
    /// <summary>The tag of checks that a running process passes.</summary>
    public const string LiveTag = "live";

    /// <summary>The tag of checks that a process passes once it can do its work.</summary>
    public const string ReadyTag = "ready";

    /// <summary>Listens where the options say.</summary>
    public static void Listen(WebApplicationBuilder builder, OperatorOptions options)
    {
        if (!options.MetricsBindAddress.IsOn && !options.HealthProbeBindAddress.IsOn) builder.Services.AddSingleton<IServer, NoServer>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            Listen(kestrel, options.MetricsBindAddress, listen =>
            {
                ListenerName.Metrics.Mark(listen);
                if (options.EnableHttp2) listen.Protocols = HttpProtocols.Http1AndHttp2;
                if (options.MetricsSecure) Encrypt(listen);
            });
            Listen(kestrel, options.HealthProbeBindAddress, ListenerName.Probes.Mark);
        });
    }

    /// <summary>Maps the paths of each address.</summary>
    public static void Map(WebApplication app, OperatorOptions options)
    {
        app.MapWhen(From(ListenerName.Probes), probes =>
        {
            probes.UseHealthChecks("/healthz", Tagged(LiveTag));
            probes.UseHealthChecks("/readyz", Tagged(ReadyTag));
        });
        app.MapWhen(From(ListenerName.Metrics), metrics => metrics.MapWhen(context => context.Request.Path == "/metrics", at =>
        {
            if (options.MetricsSecure) at.Use(next => context => app.Services.GetRequiredService<MetricsAccess>().CheckAsync(context, next));
            at.Run(ScrapeAsync);
        }));
    }

    private static void Listen(KestrelServerOptions kestrel, BindAddress address, Action<ListenOptions> configure)
    {
        if (address.Port is not { } port) return;
        if (address.Address is { } ip) kestrel.Listen(ip, port, Configure);
        else if (port == 0) kestrel.Listen(IPAddress.Any, port, Configure);
        else kestrel.ListenAnyIP(port, Configure);

        void Configure(ListenOptions listen)
        {
            listen.Protocols = HttpProtocols.Http1;
            configure(listen);
        }
    }

    private static void Encrypt(ListenOptions listen)
    {
        var certificate = listen.ApplicationServices.GetRequiredService<ServingCertificate>();
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = certificate.Current() }),
        });
    }

    private static Func<HttpContext, bool> From(ListenerName listener) => context => context.Features.Get<ListenerName>() == listener;

    private static HealthCheckOptions Tagged(string tag) => new() { Predicate = check => check.Tags.Contains(tag) };

    private static async Task ScrapeAsync(HttpContext context)
    {
        var (services, cancelled) = (context.RequestServices, context.RequestAborted);

        // First the part that can fail: a half-written scrape would be taken for a whole one.
        var state = await services.GetRequiredService<StateMetrics>().ReadAsync(cancelled);
        context.Response.ContentType = PrometheusConstants.TextContentTypeWithVersionAndEncoding;
        await services.GetRequiredService<CollectorRegistry>().CollectAndExportAsTextAsync(context.Response.Body, cancelled);
        if (state is not null) await StateGauges.WriteAsync(context.Response.Body, state, cancelled);
    }
}
