using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Tests.Fakes;

/// <summary>One request that the fake has seen.</summary>
internal sealed record ApiCall(string Method, string Path, IQueryCollection Query, string ContentType, JsonNode? Body)
{
    public bool IsWatch => Query["watch"] == "true";

    public bool IsList => Method == "GET" && !IsWatch && Target.Name is null;

    public bool IsWrite => Method is not "GET";

    public (string Resource, string? Namespace, string? Name, string? Subresource) Target
    {
        get
        {
            var parts = Path.Trim('/').Split('/');
            var at = parts[0] == "api" ? 2 : 3;
            string? ns = null;
            if (parts.Length > at + 2 && parts[at] == "namespaces") (ns, at) = (parts[at + 1], at + 2);
            return (parts[at], ns, parts.ElementAtOrDefault(at + 1), parts.ElementAtOrDefault(at + 2));
        }
    }

    public override string ToString() => $"{Method} {Path} {Query["resourceVersion"]}{(IsWatch ? " (watch)" : "")}";
}

/// <summary>
/// Enough of a Kubernetes API for the engine, over real HTTP, with every fault to order: expired versions, silent and broken watches,
/// refusals, requests that hang. It knows no schemas and takes any kind.
/// </summary>
internal sealed class FakeApi : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<(string Resource, string Namespace, string Name), JsonObject> _objects = [];
    private readonly List<(long Version, string Resource, string Type, JsonObject Object)> _events = [];
    private readonly ConcurrentQueue<ApiCall> _calls = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _version = 100;
    private long _forgotten;
    private int _uids;
    private int _muted;
    private int _inFlight;
    private CancellationTokenSource _closing = new();
    private CancellationTokenSource _breaking = new();

    private FakeApi(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public IReadOnlyCollection<ApiCall> Calls => _calls;

    /// <summary>Looks at each request first; what it returns is the answer, null leaves that to the fake.</summary>
    public Func<ApiCall, Task<(int Status, string Body)?>>? Intercept { get; set; }

    /// <summary>Expired versions are answered by the status code 410 rather than by an event in the stream.</summary>
    public bool ExpiresByStatusCode { get; set; }

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

    public JsonObject? Find(string resource, string ns, string name)
    {
        lock (_gate) return _objects.GetValueOrDefault((resource, ns, name))?.DeepClone().AsObject();
    }

    /// <summary>Stores an object as another client would: a new uid, or the old one's, and a new version.</summary>
    public JsonObject Put(string resource, JsonObject entity)
    {
        lock (_gate)
        {
            var copy = entity.DeepClone().AsObject();
            var key = KeyOf(resource, copy);
            return _objects.TryGetValue(key, out var old) ? Replace(key, old, copy) : Create(key, copy);
        }
    }

    /// <summary>Removes an object at once, finalizers or not.</summary>
    public void Remove(string resource, string ns, string name)
    {
        lock (_gate) Remove((resource, ns, name));
    }

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

    public async ValueTask DisposeAsync()
    {
        BreakWatches();
        await _app.DisposeAsync();
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static (string Resource, string Namespace, string Name) KeyOf(string resource, JsonObject entity) =>
        (resource, (string?)entity["metadata"]!["namespace"] ?? "", (string)entity["metadata"]!["name"]!);

    private static string Status(int code, string reason, string message) => new JsonObject
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["status"] = "Failure",
        ["message"] = message,
        ["reason"] = reason,
        ["code"] = code,
    }.ToJsonString();

    private JsonObject Create((string Resource, string Namespace, string Name) key, JsonObject entity)
    {
        entity["metadata"]!["uid"] = $"uid-{++_uids}";
        entity["metadata"]!["generation"] ??= 1L;
        entity["metadata"]!["creationTimestamp"] = "2026-01-01T00:00:00Z";
        return Store(key, entity, "ADDED");
    }

    private JsonObject Replace((string Resource, string Namespace, string Name) key, JsonObject old, JsonObject entity)
    {
        entity["metadata"]!["uid"] = (string?)old["metadata"]!["uid"];
        entity["metadata"]!["deletionTimestamp"] = (string?)old["metadata"]!["deletionTimestamp"];
        var isNewSpec = !JsonNode.DeepEquals(old["spec"], entity["spec"]);
        entity["metadata"]!["generation"] = (long)old["metadata"]!["generation"]! + (isNewSpec ? 1 : 0);
        if (entity["metadata"]!["deletionTimestamp"] is not null && entity["metadata"]!["finalizers"] is null or JsonArray { Count: 0 })
        {
            _objects[key] = entity;
            return Remove(key)!;
        }

        return Store(key, entity, "MODIFIED");
    }

    private JsonObject Store((string Resource, string Namespace, string Name) key, JsonObject entity, string type)
    {
        entity["metadata"]!["resourceVersion"] = Text(++_version);
        _objects[key] = entity;
        Publish(key.Resource, type, entity);
        return entity;
    }

    private JsonObject? Remove((string Resource, string Namespace, string Name) key)
    {
        if (!_objects.Remove(key, out var entity)) return null;
        entity = entity.DeepClone().AsObject();
        entity["metadata"]!["resourceVersion"] = Text(++_version);
        Publish(key.Resource, "DELETED", entity);
        return entity;
    }

    private void Publish(string resource, string type, JsonObject entity)
    {
        _events.Add((_version, resource, type, entity.DeepClone().AsObject()));
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

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
        if (Intercept is { } intercept && await intercept(call) is { } answer)
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

    private (int Status, string Body) Answer(ApiCall call)
    {
        var (resource, ns, name, subresource) = call.Target;
        lock (_gate)
        {
            if (call.Method == "GET" && name is null) return List(call, resource, ns);
            if (call.Method == "POST")
            {
                var created = call.Body!.DeepClone().AsObject();
                var key = KeyOf(resource, created);
                return _objects.ContainsKey(key)
                    ? (409, Status(409, "AlreadyExists", $"{resource} \"{key.Name}\" already exists"))
                    : (201, Create(key, created).ToJsonString());
            }

            var target = (resource, ns ?? "", name!);
            if (!_objects.TryGetValue(target, out var entity)) return (404, Status(404, "NotFound", $"{resource} \"{name}\" not found"));
            return call.Method switch
            {
                "GET" => (200, entity.ToJsonString()),
                "DELETE" => (200, Delete(target, entity).ToJsonString()),
                "PUT" => Write(target, entity, call.Body!.DeepClone().AsObject(), subresource),
                "PATCH" => Write(target, entity, Merged(entity.DeepClone().AsObject(), call.Body!.AsObject()), subresource),
                _ => (405, Status(405, "MethodNotAllowed", call.Method)),
            };
        }
    }

    private JsonObject Delete((string Resource, string Namespace, string Name) key, JsonObject entity)
    {
        if (entity["metadata"]!["finalizers"] is not JsonArray { Count: > 0 }) return Remove(key)!;
        var ending = entity.DeepClone().AsObject();
        ending["metadata"]!["deletionTimestamp"] ??= "2026-01-01T00:00:00Z";
        return Store(key, ending, "MODIFIED");
    }

    private (int Status, string Body) Write(
        (string Resource, string Namespace, string Name) key, JsonObject old, JsonObject entity, string? subresource)
    {
        foreach (var precondition in new[] { "uid", "resourceVersion" })
        {
            var expected = (string?)entity["metadata"]![precondition];
            if (expected is { Length: > 0 } && expected != (string?)old["metadata"]![precondition])
            {
                return (409, Status(409, "Conflict", $"the object has been modified: {precondition} is not {expected}"));
            }
        }

        if (subresource == "status")
        {
            var withStatus = old.DeepClone().AsObject();
            withStatus["status"] = entity["status"]?.DeepClone();
            entity = withStatus;
        }
        else if (entity["status"] is null && old["status"] is { } status)
        {
            entity["status"] = status.DeepClone();
        }

        entity["metadata"]!["resourceVersion"] = null;
        var current = old.DeepClone().AsObject();
        current["metadata"]!["resourceVersion"] = null;
        return JsonNode.DeepEquals(current, entity) ? (200, old.ToJsonString()) : (200, Replace(key, old, entity).ToJsonString());
    }

    private static JsonObject Merged(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null) target.Remove(name);
            else if (value is JsonObject inner) target[name] = Merged(target[name] as JsonObject ?? [], inner).DeepClone();
            else target[name] = value.DeepClone();
        }

        return target;
    }

    private (int Status, string Body) List(ApiCall call, string resource, string? ns)
    {
        var limit = int.TryParse(call.Query["limit"], out var l) ? l : int.MaxValue;
        var skip = int.TryParse(call.Query["continue"], out var c) ? c : 0;
        var all = _objects.Where(o => o.Key.Resource == resource && (ns is null || o.Key.Namespace == ns) && Selects(call, o.Value))
            .Select(o => o.Value).ToList();
        var metadata = new JsonObject { ["resourceVersion"] = Text(_version) };
        if (all.Count > skip + (long)limit) metadata["continue"] = Text(skip + limit);
        var items = new JsonArray([.. all.Skip(skip).Take(limit).Select(o => o.DeepClone())]);
        return (200, new JsonObject { ["kind"] = "List", ["apiVersion"] = "v1", ["metadata"] = metadata, ["items"] = items }.ToJsonString());
    }

    // Of selectors the fake knows "key=value" and "key in (value)".
    private static bool Selects(ApiCall call, JsonObject entity)
    {
        if (call.Query["labelSelector"].ToString() is not { Length: > 0 } selector) return true;
        var parts = selector.Split(["=", " in ("], StringSplitOptions.None);
        return (string?)entity["metadata"]?["labels"]?[parts[0]] == parts[1].TrimEnd(')');
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
