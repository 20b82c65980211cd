using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace LlmKube.Operator.Engine.Tests.Fakes;

/// <summary>Its watches, and what can go wrong with them.</summary>
internal sealed partial class FakeApi
{
    private readonly List<(long Version, string Resource, string Type, JsonObject Object)> _events = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _forgotten;
    private int _muted;
    private CancellationTokenSource _closing = new();
    private CancellationTokenSource _breaking = new();

    /// <summary>Expired versions are answered by the status code 410 rather than by an event in the stream.</summary>
    public bool ExpiresByStatusCode { get; set; }

    /// <summary>Changes without telling any watch: what happens while nobody is connected.</summary>
    public void Unwatched(Action change)
    {
        lock (_gate)
        {
            change();
            Forget();
        }
    }

    /// <summary>Forgets all history: watches from any version up to now get 410.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _forgotten = ++_version;
            _events.Clear();
        }
    }

    /// <summary>From now on the watches that are open say nothing at all, as on a connection that is half open.</summary>
    public void MuteWatches() => Interlocked.Increment(ref _muted);

    /// <summary>Ends all watches in good order.</summary>
    public void CloseWatches() => Interlocked.Exchange(ref _closing, new()).Cancel();

    /// <summary>Breaks the connections of all watches.</summary>
    public void BreakWatches() => Interlocked.Exchange(ref _breaking, new()).Cancel();

    /// <summary>Sends a bookmark of the present version to all watches.</summary>
    public void Bookmark()
    {
        lock (_gate) Publish("", "BOOKMARK", new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = Text(++_version) } });
    }

    private void Publish(string resource, string type, JsonObject entity)
    {
        _events.Add((_version, resource, type, entity.DeepClone().AsObject()));
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private async Task WatchAsync(HttpContext context, ApiCall call)
    {
        var (resource, ns, _, _) = call.Target;
        var from = long.TryParse(call.Query["resourceVersion"], out var version) ? version : 0;
        if (from < _forgotten && ExpiresByStatusCode)
        {
            await AnswerAsync(context, 410, Status(410, "Expired", "too old resource version"));
            return;
        }

        var openedAt = Volatile.Read(ref _muted);
        var (closing, breaking) = (_closing.Token, _breaking.Token);
        context.Response.ContentType = "application/json";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await context.Response.StartAsync();
        if (from < _forgotten)
        {
            await context.Response.WriteAsync($$"""{"type":"ERROR","object":{{Status(410, "Expired", "too old resource version")}}}""" + "\n");
            return;
        }

        using var any = CancellationTokenSource.CreateLinkedTokenSource(closing, breaking, context.RequestAborted);
        while (!any.IsCancellationRequested)
        {
            Task changed;
            var lines = new StringBuilder();
            lock (_gate)
            {
                changed = _changed.Task;
                foreach (var e in _events.Where(e => e.Version > from))
                {
                    from = e.Version;
                    var isForUs = e.Type == "BOOKMARK"
                        || (e.Resource == resource && (ns is null || (string?)e.Object["metadata"]!["namespace"] == ns) && Selects(call, e.Object));
                    if (isForUs) lines.Append($$"""{"type":"{{e.Type}}","object":{{e.Object.ToJsonString()}}}""").Append('\n');
                }
            }

            if (lines.Length > 0 && openedAt == Volatile.Read(ref _muted))
            {
                await context.Response.WriteAsync(lines.ToString(), any.Token);
                await context.Response.Body.FlushAsync(any.Token);
            }

            await Task.WhenAny(changed, Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, any.Token));
        }

        if (breaking.IsCancellationRequested) context.Abort();
    }
}
