using System.Net;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace LlmKube.Operator.Tests.Faults.Proxy;

/// <content>What becomes of a request that has come in: faults have their say, the server answers, the client is told.</content>
internal sealed partial class FaultProxy
{
    private async Task AnswerAsync(HttpContext http)
    {
        var request = ProxiedRequest.Of(http.Request);
        if (_connections.TryGetValue(http.Connection.Id, out var connection)) connection.IsUsed = true;
        try
        {
            if (await InsteadAsync(http, request) is { } instead) await TellAsync(http, request, instead);
            else await PassOnAsync(http, request);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits any more.
        }
        catch (HttpRequestException)
        {
            http.Abort(); // The server is not there, and so are we not.
        }
    }

    private async Task<ProxyAnswer?> InsteadAsync(HttpContext http, ProxiedRequest request)
    {
        var token = http.Request.Headers.Authorization.ToString();
        if (!token.StartsWith("Bearer ", StringComparison.Ordinal) || !_tokens.Contains(token["Bearer ".Length..]))
        {
            return ProxyAnswer.Status(HttpStatusCode.Unauthorized, "Unauthorized", "Unauthorized");
        }

        foreach (var fault in _faults)
        {
            if (fault.IsMeant(request) && await fault.InsteadAsync(request, http.RequestAborted) is { } answer) return answer;
        }

        return null;
    }

    private async Task PassOnAsync(HttpContext http, ProxiedRequest request)
    {
        using var passed = new HttpRequestMessage(new(http.Request.Method), new Uri(_server.BaseUri, request.Path));
        if (http.Request.ContentType is { } type)
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
            passed.Content = new ByteArrayContent(body.ToArray());
            passed.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        foreach (var name in new[] { "Accept", "User-Agent" }) passed.Headers.TryAddWithoutValidation(name, http.Request.Headers[name].ToArray());
        if (_server.Credentials is { } credentials) await credentials.ProcessHttpRequestAsync(passed, http.RequestAborted);

        // Once it is sent it is done, whether or not its client lives to hear of it.
        using var answered = await _server.HttpClient.SendAsync(passed, HttpCompletionOption.ResponseHeadersRead, request.IsWrite ? CancellationToken.None : http.RequestAborted);
        if (request is { Verb: "watch" } && answered.IsSuccessStatusCode)
        {
            await StreamAsync(http, request, answered);
            return;
        }

        var answer = new ProxyAnswer((int)answered.StatusCode, await answered.Content.ReadAsByteArrayAsync())
        {
            ContentType = answered.Content.Headers.ContentType?.ToString(),
            Headers = answered.Headers.RetryAfter is { } wait ? new Dictionary<string, string> { ["Retry-After"] = wait.ToString() } : new Dictionary<string, string>(),
        };
        foreach (var fault in _faults.Where(f => f.IsMeant(request))) answer = await fault.AfterAsync(request, answer);
        await TellAsync(http, request, answer);
    }

    private async Task TellAsync(HttpContext http, ProxiedRequest request, ProxyAnswer answer)
    {
        Record(request, answer.Code);
        if (answer.IsLost)
        {
            if (_connections.TryGetValue(http.Connection.Id, out var connection)) connection.Abort();
            http.Abort();
            return;
        }

        if (answer.IsLast) http.Features.Get<IConnectionLifetimeNotificationFeature>()!.RequestClose();
        http.Response.StatusCode = answer.Code;
        http.Response.ContentType = answer.ContentType;
        foreach (var (name, value) in answer.Headers) http.Response.Headers[name] = value;
        await http.Response.Body.WriteAsync(answer.Body, http.RequestAborted);
    }

    private async Task StreamAsync(HttpContext http, ProxiedRequest request, HttpResponseMessage answered)
    {
        Record(request, (int)answered.StatusCode);
        http.Response.ContentType = answered.Content.Headers.ContentType?.ToString();
        await http.Response.StartAsync(http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        var watch = new OpenWatch(request);
        _watches[watch] = true;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        try
        {
            using var lines = new StreamReader(await answered.Content.ReadAsStreamAsync(end.Token));
            while (true)
            {
                var reading = lines.ReadLineAsync(end.Token).AsTask();
                await Task.WhenAny(reading, watch.End.Task);
                if (watch.End.Task.IsCompleted)
                {
                    await end.CancelAsync();
                    await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    if (await watch.End.Task is { } last) await WriteAsync(last);
                    return;
                }

                if (await reading is not { } line) return;
                IEnumerable<string> told = [line];
                foreach (var fault in _faults.Where(f => f.IsMeant(request))) told = [.. told.SelectMany(l => fault.Lines(request, l))];
                foreach (var one in told) await WriteAsync(one);
            }
        }
        finally
        {
            _watches.TryRemove(watch, out _);
        }

        async Task WriteAsync(string line)
        {
            await http.Response.WriteAsync(line + "\n", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
    }

    private void Record(ProxiedRequest request, int code) =>
        Requests.Add(new("operator", request.Verb, "", request.Resource, request.Subresource, request.Namespace, request.Name, code, DryRun: false, request.Path, request.Method));

    private sealed class OpenWatch(ProxiedRequest request)
    {
        public ProxiedRequest Request => request;

        public TaskCompletionSource<string?> End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
