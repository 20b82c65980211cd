using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Tests.Tracing;

/// <summary>Stands before an API server and refuses what the test chooses, in the test's words.</summary>
internal sealed class RefusingProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http = new(new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly Uri _server;
    private readonly Func<HttpRequest, string?> _refuse;

    private RefusingProxy(WebApplication app, Uri server, Func<HttpRequest, string?> refuse) => (_app, _server, _refuse) = (app, server, refuse);

    /// <summary>Where it is asked.</summary>
    public Uri Address => new(_app.Urls.Single());

    /// <summary>Starts it.</summary>
    /// <param name="server">The API server.</param>
    /// <param name="refuse">The words that a request is refused with; null: it is let through.</param>
    public static async Task<RefusingProxy> StartAsync(Uri server, Func<HttpRequest, string?> refuse)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var proxy = new RefusingProxy(app, server, refuse);
        app.Run(proxy.AnswerAsync);
        await app.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (_refuse(context.Request) is { } words)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            await context.Response.WriteAsJsonAsync(new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Failure", ["code"] = 500, ["reason"] = "InternalError", ["message"] = words });
            return;
        }

        using var request = new HttpRequestMessage(new(context.Request.Method), new Uri(_server, context.Request.Path + context.Request.QueryString));
        if (context.Request.ContentType is { } type)
        {
            request.Content = new StreamContent(context.Request.Body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        foreach (var name in new[] { "Authorization", "Accept" }) request.Headers.TryAddWithoutValidation(name, context.Request.Headers[name].ToArray());
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        await context.Response.StartAsync(context.RequestAborted);

        // A watch is passed on as it comes.
        await using var body = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
        var buffer = new byte[16 * 1024];
        while (await body.ReadAsync(buffer, context.RequestAborted) is > 0 and var read)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
