using System.Text;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;
using LlmKube.Operator.LocalCluster.ApiServer.Responses;
using LlmKube.Operator.LocalCluster.ApiServer.Rules;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;

namespace LlmKube.Operator.LocalCluster.ApiServer.Subresources;

/// <summary>
/// The logs of pods. No kubelet can be asked, so nodes bring them: POST (append) or PUT (replace) text to
/// <c>pods/{name}/log?container=...</c>. A GET reads them as in Kubernetes, with tailLines, limitBytes, follow,
/// previous and timestamps.
/// </summary>
internal sealed class PodLogs(RuleContext context)
{
    private const int LargestLog = 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Uid, string Container), ContainerLog> _logs = [];

    public async Task HandleAsync(ApiRequest request, CancellationToken dropped)
    {
        var pod = context.Store.Find(request.Resource.Table, StoredObject.KeyOf(request.Namespace, request.Name))?.Json ?? throw ApiException.NotFound(request.Resource.GroupResource, request.Name);
        var container = ContainerOf(request, pod);
        switch (request.Info.Verb)
        {
            case "get":
                await ReadAsync(request, pod, container, dropped);
                break;
            case "create" or "update":
                Write(pod.Uid, container, Encoding.UTF8.GetString(await request.ReadBodyAsync()), replace: request.Info.Verb is "update");
                await ResponseWriter.JsonAsync(request.Http, Statuses.Success(), 200);
                break;
            default:
                throw ApiException.MethodNotAllowed();
        }
    }

    /// <summary>Forgets the logs of a pod that is gone.</summary>
    public void Forget(string uid)
    {
        lock (_gate)
        {
            foreach (var key in _logs.Keys.Where(k => k.Uid == uid).ToList())
            {
                _logs[key].Close();
                _logs.Remove(key);
            }
        }
    }

    private void Write(string uid, string container, string text, bool replace)
    {
        lock (_gate)
        {
            if (!_logs.TryGetValue((uid, container), out var log)) log = _logs[(uid, container)] = new ContainerLog(LargestLog);
            if (replace) log.Restart();
            log.Append(text, context.Time.GetUtcNow());
        }
    }

    private async Task ReadAsync(ApiRequest request, JsonObject pod, string container, CancellationToken dropped)
    {
        if (string.IsNullOrEmpty(pod.Text("spec", "nodeName"))) throw ApiException.BadRequest($"pod {request.Name} does not have a host assigned");
        ContainerLog? log;
        lock (_gate) _logs.TryGetValue((pod.Uid, container), out log);
        if (log is null && !HasStarted(pod, container))
        {
            throw ApiException.BadRequest($"container \"{container}\" in pod \"{request.Name}\" is waiting to start: {WaitingReason(pod, container)}");
        }

        var previous = request.Flag("previous");
        if (previous && log?.HasPrevious is not true) throw ApiException.BadRequest($"previous terminated container \"{container}\" in pod \"{request.Name}\" not found");
        var window = LogWindow.Of(request);
        request.Http.Response.ContentType = "text/plain";
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, dropped);
        var at = 0;
        var lines = log?.Lines(previous, 0, out at) ?? [];
        await WriteAsync(request, window.Apply(lines), ended.Token);
        if (!request.Flag("follow") || log is null || previous) return;
        try
        {
            while (await log.ChangedAsync(at, ended.Token)) await WriteAsync(request, window.Format(log.Lines(false, at, out at)), ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The reader left, or the server drops its streams.
        }
    }

    private static async Task WriteAsync(ApiRequest request, string text, CancellationToken cancellation)
    {
        await request.Http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation);
        await request.Http.Response.Body.FlushAsync(cancellation);
    }

    private static string ContainerOf(ApiRequest request, JsonObject pod)
    {
        var init = pod.Objects("spec", "initContainers").Select(c => c.Text("name") ?? "").ToList();
        var names = pod.Objects("spec", "containers").Select(c => c.Text("name") ?? "").ToList();
        var asked = request.Query("container");
        if (asked.Length == 0)
        {
            if (names.Count == 1) return names[0];
            var all = string.Join(' ', names);
            throw ApiException.BadRequest(init.Count == 0
                ? $"a container name must be specified for pod {request.Name}, choose one of: [{all}]"
                : $"a container name must be specified for pod {request.Name}, choose one of: [{all}] or one of the init containers: [{string.Join(' ', init)}]");
        }

        return names.Contains(asked) || init.Contains(asked) ? asked : throw ApiException.BadRequest($"container {asked} is not valid for pod {request.Name}");
    }

    private static JsonObject? StatusOf(JsonObject pod, string container) =>
        pod.Objects("status", "containerStatuses").Concat(pod.Objects("status", "initContainerStatuses")).FirstOrDefault(c => c.Text("name") == container);

    private static bool HasStarted(JsonObject pod, string container) =>
        StatusOf(pod, container) is { } status && (status.At("state", "running") ?? status.At("state", "terminated") ?? status.At("lastState", "terminated")) is not null;

    private static string WaitingReason(JsonObject pod, string container) => StatusOf(pod, container)?.Text("state", "waiting", "reason") ?? "ContainerCreating";
}
