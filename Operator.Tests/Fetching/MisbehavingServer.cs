using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Tests.Fetching;

/// <summary>A real HTTP server on loopback that serves one file and misbehaves on cue.</summary>
internal sealed class MisbehavingServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, MisbehavingServer, Task>> _cues = new();
    private long _bytesSent;

    private MisbehavingServer(WebApplication app, byte[] file)
    {
        _app = app;
        File = file;
    }

    /// <summary>What is served; may change.</summary>
    public byte[] File { get; set; }

    public string? ETag { get; set; } = "\"v1\"";

    /// <summary>When the file changed last, as an HTTP date; null: it does not say.</summary>
    public string? LastModified { get; set; }

    /// <summary>More headers of each answer with the file or a part of it.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; set; } = [];

    public bool Ranges { get; set; } = true;

    /// <summary>What answers once the cues are used up.</summary>
    public Func<HttpContext, MisbehavingServer, Task> Usually { get; set; } = (context, server) => server.ServeAsync(context);

    /// <summary>The requests in order: path, Range and Authorization.</summary>
    public ConcurrentQueue<(string Path, string? Range, string? IfRange, string? Authorization)> Requests { get; } = new();

    /// <summary>Body bytes handed to the network.</summary>
    public long BytesSent => Interlocked.Read(ref _bytesSent);

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public string Url => new Uri(Address, "/model.gguf").AbsoluteUri;

    /// <summary>Starts one; over TLS if it has a certificate.</summary>
    public static async Task<MisbehavingServer> StartAsync(byte[] file, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.ListenLocalhost0(certificate);
            k.Limits.MinResponseDataRate = null;
        });
        var app = builder.Build();
        var server = new MisbehavingServer(app, file);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    /// <summary>The next request is answered so; further cues queue up.</summary>
    public MisbehavingServer Then(Func<HttpContext, MisbehavingServer, Task> answer)
    {
        _cues.Enqueue(answer);
        return this;
    }

    public MisbehavingServer ThenStatus(int status, string text = "", params (string Name, string Value)[] headers) => Then((c, _) => StatusAsync(c, status, text, headers));

    public static async Task StatusAsync(HttpContext context, int status, string text = "", params (string Name, string Value)[] headers)
    {
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers) context.Response.Headers[name] = value;
        if (text.Length == 0) return;
        context.Response.ContentType ??= "text/plain";
        await context.Response.WriteAsync(text);
    }

    /// <summary>Serves as a good server does, but resets the connection when so many bytes of the file are out.</summary>
    public static Func<HttpContext, MisbehavingServer, Task> ResetAt(long offset) => async (context, server) =>
    {
        var (from, length) = server.Begin(context);
        await server.SendAsync(context, from, Math.Min(length, offset - from));
        context.Abort();
    };

    /// <inheritdoc cref="ResetAt"/>
    public MisbehavingServer ThenResetAt(long offset) => Then(ResetAt(offset));

    /// <summary>Serves as a good server does up to an offset and then keeps silent for good.</summary>
    public static Func<HttpContext, MisbehavingServer, Task> StallAt(long offset) => async (context, server) =>
    {
        var (from, length) = server.Begin(context);
        await server.SendAsync(context, from, Math.Min(length, offset - from));
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    };

    /// <inheritdoc cref="StallAt"/>
    public MisbehavingServer ThenStallAt(long offset) => Then(StallAt(offset));

    /// <summary>Serves as a good server does, ten kilobytes a second.</summary>
    public static async Task CrawlAsync(HttpContext context, MisbehavingServer server)
    {
        const int Piece = 10_000;
        var (from, length) = server.Begin(context);
        for (var at = from; at < from + length && !context.RequestAborted.IsCancellationRequested; at += Piece)
        {
            await server.SendAsync(context, at, Math.Min(Piece, from + length - at));
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>A good server's answer, Range and If-Range included.</summary>
    public async Task ServeAsync(HttpContext context)
    {
        var (from, length) = Begin(context);
        if (context.Response.StatusCode != 416) await SendAsync(context, from, length);
    }

    /// <summary>Sends a part of the file in pieces, so that a cut shows on the other side.</summary>
    public async Task SendAsync(HttpContext context, long from, long length)
    {
        for (var at = from; at < from + length;)
        {
            var piece = (int)Math.Min(64 * 1024, from + length - at);
            await context.Response.Body.WriteAsync(File.AsMemory((int)at, piece), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            Interlocked.Add(ref _bytesSent, piece);
            at += piece;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private (long From, long Length) Begin(HttpContext context)
    {
        var response = context.Response;
        if (ETag is not null) response.Headers.ETag = ETag;
        if (LastModified is not null) response.Headers.LastModified = LastModified;
        foreach (var (name, value) in Headers) response.Headers[name] = value;
        var from = 0L;
        var range = context.Request.Headers.Range.ToString();
        var ifRange = context.Request.Headers.IfRange.ToString();
        if (Ranges && range.StartsWith("bytes=", StringComparison.Ordinal) && (ifRange.Length == 0 || ifRange == ETag || ifRange == LastModified))
        {
            from = long.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
            if (from >= File.Length)
            {
                response.StatusCode = 416;
                response.Headers.ContentRange = $"bytes */{File.Length}";
                return (from, 0);
            }

            response.StatusCode = 206;
            response.Headers.ContentRange = $"bytes {from}-{File.Length - 1}/{File.Length}";
        }

        response.ContentLength = File.Length - from;
        return (from, File.Length - from);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        Requests.Enqueue((context.Request.Path, Header(headers.Range), Header(headers.IfRange), Header(headers.Authorization)));
        await (_cues.TryDequeue(out var cue) ? cue : Usually)(context, this);
    }

    private static string? Header(Microsoft.Extensions.Primitives.StringValues values) => values.Count == 0 ? null : values.ToString();
}

file static class Listening
{
    public static void ListenLocalhost0(this KestrelServerOptions kestrel, X509Certificate2? certificate) => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
    {
        if (certificate is not null) listen.UseHttps(certificate);
    });
}
