using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using k8s;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery.Differential;

/// <summary>An API server that scenarios run on: the one that LLMKUBE_TEST_KUBECONFIG names is the arbiter.</summary>
internal sealed class ScenarioServer : IDisposable
{
    private readonly Kubernetes _client;
    private readonly AuthenticationHeaderValue? _authorization;

    public ScenarioServer(KubernetesClientConfiguration config)
    {
        _client = new(config);
        _authorization = config.AccessToken is { } token ? new("Bearer", token) : null;
    }

    /// <summary>Null when no cluster is named.</summary>
    public static ScenarioServer? Real() => Environment.GetEnvironmentVariable("LLMKUBE_TEST_KUBECONFIG") is { Length: > 0 } path
        ? new(KubernetesClientConfiguration.BuildConfigFromConfigFile(path))
        : null;

    public void Dispose() => _client.Dispose();

    /// <summary>Creates the scenarios' own kind, if it isn't there.</summary>
    public async Task PrepareAsync()
    {
        await SendAsync(HttpMethod.Post, "apis/apiextensions.k8s.io/v1/customresourcedefinitions", "application/json", Kind.ThingDefinition);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1), TimeProvider.System);
        while ((await SendAsync(HttpMethod.Get, "apis/machinery.test/v1/namespaces/default/things", "application/json", null)).Code is not HttpStatusCode.OK)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, deadline.Token);
        }
    }

    public async Task<IReadOnlyList<Answer>> RunAsync(Scenario scenario)
    {
        var kind = Kind.Named(scenario.Kind);
        var collection = $"{(kind.Group is "" ? "api" : $"apis/{kind.Group}")}/{kind.Version}/namespaces/default/{kind.Plural}";
        var item = $"{collection}/{scenario.Name}";
        await RemoveAsync(item);
        var answers = new List<Answer>();
        var version = "";
        foreach (var step in scenario.Steps)
        {
            var answer = await RunAsync(step, collection, item);
            var now = answer.Document?["metadata"]?["resourceVersion"]?.GetValue<string>();
            answers.Add(answer with { Document = Comparable.Of(answer.Document), Wrote = now is not null && now != version });
            version = now ?? version;
        }

        await RemoveAsync(item);
        return answers;
    }

    // Finalizers of a scenario have nobody who would remove them.
    private async Task RemoveAsync(string item)
    {
        await SendAsync(HttpMethod.Patch, item, "application/merge-patch+json", new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = null } });
        await SendAsync(HttpMethod.Delete, item, "application/json", null);
    }

    public async Task<(HttpStatusCode Code, JsonNode? Body)> SendAsync(HttpMethod method, string path, string contentType, JsonNode? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(_client.BaseUri, path));
        request.Headers.Authorization = _authorization;
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, contentType);
        }

        using var response = await _client.HttpClient.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text is ['{', ..] ? JsonNode.Parse(text) : null);
    }

    private async Task<Answer> RunAsync(Step step, string collection, string item)
    {
        var target = (step.Verb is "create" ? collection : step.Subresource is { } part ? $"{item}/{part}" : item)
            + $"?fieldManager={step.Manager}&fieldValidation={(step.Strict ? "Strict" : "Ignore")}{(step.Force ? "&force=true" : "")}";
        var (code, body) = step.Verb switch
        {
            "create" => await SendAsync(HttpMethod.Post, target, "application/json", step.Body),
            "update" => await UpdateAsync(step, item, target),
            "apply" => await SendAsync(HttpMethod.Patch, target, "application/apply-patch+yaml", step.Body),
            "merge" => await SendAsync(HttpMethod.Patch, target, "application/merge-patch+json", step.Body),
            "strategic" => await SendAsync(HttpMethod.Patch, target, "application/strategic-merge-patch+json", step.Body),
            "json" => await SendAsync(HttpMethod.Patch, target, "application/json-patch+json", step.Body),
            _ => throw new ArgumentOutOfRangeException(nameof(step), step.Verb, "unknown verb"),
        };
        return code is HttpStatusCode.OK or HttpStatusCode.Created
            ? new(200, body, [], false)
            : new((int)code, null, code is HttpStatusCode.NotFound ? [] : Errors(body), false);
    }

    private async Task<(HttpStatusCode Code, JsonNode? Body)> UpdateAsync(Step step, string item, string target)
    {
        var (code, seen) = await SendAsync(HttpMethod.Get, item, "application/json", null);
        if (code is not HttpStatusCode.OK)
        {
            return (code, seen);
        }

        var changed = LlmKube.Operator.LocalCluster.Machinery.MergePatch.Apply((JsonObject)seen!, (JsonObject)step.Body);
        return await SendAsync(HttpMethod.Put, target, "application/json", changed);
    }

    // Unknown fields in a patched object come as a cause that quotes the whole object, others in the message.
    private static string[] Errors(JsonNode? status)
    {
        var message = status?["message"]?.GetValue<string>() ?? "";
        var strict = message.IndexOf("strict decoding error", StringComparison.Ordinal);
        return strict < 0 && status?["details"]?["causes"] is JsonArray { Count: > 0 } causes
            ? [.. causes.Select(cause => $"{cause!["field"]}: {cause["message"]}").Order(StringComparer.Ordinal)]
            : [strict >= 0 ? message[strict..] : message];
    }
}
