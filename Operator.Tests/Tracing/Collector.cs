using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using LlmKube.Operator.Tests.Stories;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Tests.Tracing;

/// <summary>An OTLP collector in this process: gRPC over HTTP/2 without TLS at one port, protobuf over HTTP/1.1 at another.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private const string GrpcPath = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, IReadOnlyDictionary<string, string> Headers)> _requests = new();
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();

    private Collector(WebApplication app) => _app = app;

    /// <summary>Where gRPC is spoken.</summary>
    public Uri Grpc => AddressOf(0);

    /// <summary>Where HTTP is spoken.</summary>
    public Uri Http => AddressOf(1);

    /// <summary>Every request: its path and headers.</summary>
    public IReadOnlyList<(string Path, IReadOnlyDictionary<string, string> Headers)> Requests => [.. _requests];

    /// <summary>Every span that has arrived.</summary>
    public IReadOnlyList<ReceivedSpan> Spans => [.. _spans];

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        var collector = new Collector(app);
        app.Run(collector.ReceiveAsync);
        await app.StartAsync();
        return collector;
    }

    /// <summary>Awaits spans of which something is so, and gives all that have arrived.</summary>
    public Task<IReadOnlyList<ReceivedSpan>> SeeAsync(Func<IReadOnlyList<ReceivedSpan>, bool> isSo, string what) => Eventually.SeeAsync(() => Task.FromResult(Spans), isSo, what);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private Uri AddressOf(int listener) => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ElementAt(listener));

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _requests.Enqueue((context.Request.Path, context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        var isGrpc = context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true;
        if (isGrpc && context.Request.Path != GrpcPath)
        {
            context.Response.StatusCode = 404;
            return;
        }

        // A frame of gRPC has one byte that says whether it is compressed, and four with its length.
        var frame = body.ToArray().AsMemory();
        var message = !isGrpc ? frame : frame.Span[0] == 1 ? Unzip(frame[5..]) : frame[5..];
        foreach (var span in ReceivedSpan.Decode(context.Request.Headers.ContentEncoding == "gzip" ? Unzip(message) : message)) _spans.Enqueue(span);
        context.Response.ContentType = isGrpc ? "application/grpc" : "application/x-protobuf";
        if (!isGrpc) return;
        await context.Response.Body.WriteAsync(new byte[5]);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private static byte[] Unzip(ReadOnlyMemory<byte> zipped)
    {
        using var gzip = new GZipStream(new MemoryStream(zipped.ToArray()), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        gzip.CopyTo(plain);
        return plain.ToArray();
    }
}
