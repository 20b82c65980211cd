using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Tests.Fakes;

/// <summary>
/// Enough of a Kubernetes API for the engine, over real HTTP, with every fault to order: expired versions, silent and broken watches,
/// refusals, requests that hang. It knows no schemas and takes any kind.
/// </summary>
internal sealed partial class FakeApi : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly ConcurrentQueue<ApiCall> _calls = [];
    private int _inFlight;

    private FakeApi(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public IReadOnlyCollection<ApiCall> Calls => _calls;

    /// <summary>Looks at each request first; what it returns is the answer, null leaves that to the fake.</summary>
    public Func<ApiCall, Task<(int Status, string Body)?>>? Intercept { get; set; }

    /// <summary>Puts requests off by 429: what it returns is the value of <c>Retry-After</c>, null lets the request through.</summary>
    public Func<ApiCall, int?>? PutOff { get; set; }

    public static async Task<FakeApi> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        var app = builder.Build();
        var api = new FakeApi(app);
        app.Run(api.HandleAsync);
        await app.StartAsync();
        return api;
    }

    public KubernetesClientConfiguration Configuration() => new() { Host = Address.ToString(), AccessToken = "token", Namespace = "default" };

    /// <summary>Whether every request but watches has been answered.</summary>
    public bool IsQuiet => Volatile.Read(ref _inFlight) == 0;

    public int Count(Func<ApiCall, bool> which) => _calls.Count(which);

    public int Lists(string resource) => Count(call => call.IsList && call.Target.Resource == resource);

    public int Watches(string resource) => Count(call => call.IsWatch && call.Target.Resource == resource);

    public async ValueTask DisposeAsync()
    {
        BreakWatches();
        await _app.DisposeAsync();
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Status(int code, string reason, string message) => new JsonObject
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["status"] = "Failure",
        ["message"] = message,
        ["reason"] = reason,
        ["code"] = code,
    }.ToJsonString();

    private async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync();
        var call = new ApiCall(
            context.Request.Method,
            context.Request.Path,
            context.Request.Query,
            context.Request.ContentType ?? "",
            text.Length > 0 ? JsonNode.Parse(text) : null);
        if (!call.IsWatch) Interlocked.Increment(ref _inFlight);
        _calls.Enqueue(call);
        try
        {
            await RespondAsync(context, call);
        }
        finally
        {
            if (!call.IsWatch) Interlocked.Decrement(ref _inFlight);
        }
    }

    private async Task RespondAsync(HttpContext context, ApiCall call)
    {
        if (PutOff?.Invoke(call) is { } seconds)
        {
            context.Response.Headers.RetryAfter = Text(seconds);
            await AnswerAsync(context, 429, Status(429, "TooManyRequests", "too many requests, please try again later"));
        }
        else if (Intercept is { } intercept && await intercept(call) is { } answer)
        {
            await AnswerAsync(context, answer.Status, answer.Body);
        }
        else if (call.IsWatch)
        {
            await WatchAsync(context, call);
        }
        else
        {
            var (status, body) = Answer(call);
            await AnswerAsync(context, status, body);
        }
    }

    private static async Task AnswerAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body);
    }
}
