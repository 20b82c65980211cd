using System.Text;
using System.Text.Json.Nodes;
using k8s;

namespace LlmKube.Operator.LocalCluster.Tests.Conformance;

/// <summary>Plain HTTP to an API server: what goes over the wire is what is tested. "$ns" and "$group" in paths and bodies are filled in.</summary>
internal sealed class RawApi(Kubernetes client, string @namespace)
{
    public string Namespace => @namespace;

    public async Task<Answer> SendAsync(string method, string path, string? body = null, string contentType = "application/json", string accept = "application/json")
    {
        using var request = await RequestAsync(method, path, body, contentType, accept);
        using var response = await client.HttpClient.SendAsync(request);
        return new((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.TryGetValues("Warning", out var warnings) ? string.Join('\n', warnings) : "", $"{response.Content.Headers.ContentType}");
    }

    public async Task<Answer> ExpectAsync(int code, string method, string path, string? body = null)
    {
        var answer = await SendAsync(method, path, body);
        Assert.That(answer.Code, Is.EqualTo(code), answer.Text);
        return answer;
    }

    /// <summary>The answer's lines as they come, until the server ends it or the reader has enough.</summary>
    public async IAsyncEnumerable<JsonObject> StreamAsync(string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var request = await RequestAsync("GET", path, null, "", "application/json");
        using var response = await client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            if (line.Length > 0) yield return (JsonObject)JsonNode.Parse(line)!;
        }
    }

    private async Task<HttpRequestMessage> RequestAsync(string method, string path, string? body, string contentType, string accept)
    {
        var request = new HttpRequestMessage(new(method), new Uri(client.BaseUri, Fill(path)));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        request.Headers.TryAddWithoutValidation("User-Agent", "conformance/1");
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Fill(body)));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        if (client.Credentials is { } credentials) await credentials.ProcessHttpRequestAsync(request, CancellationToken.None);
        return request;
    }

    public string Fill(string text) => text.Replace("$ns", @namespace, StringComparison.Ordinal).Replace("$group", ConformanceCluster.Group, StringComparison.Ordinal);
}

/// <summary>What the server said.</summary>
internal sealed record Answer(int Code, string Text, string Warnings, string ContentType)
{
    public JsonNode? Json => JsonNode.Parse(Text);

    /// <summary>The value at a path such as "spec.ports[0].name", as text; null if absent.</summary>
    public string? At(string path) => Value(Json, path);

    public static string? Value(JsonNode? node, string path)
    {
        foreach (var step in path.Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            node = step[0] == '[' ? node is JsonArray list && int.Parse(step[1..^1], System.Globalization.CultureInfo.InvariantCulture) is var i && i < list.Count ? list[i] : null
                : (node as JsonObject)?[step.Replace("~", ".", StringComparison.Ordinal)];
        }

        return node switch
        {
            null => null,
            JsonValue v when v.TryGetValue(out string? text) => text,
            _ => node.ToJsonString(),
        };
    }
}
