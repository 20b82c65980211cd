using System.Net.Http.Headers;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using LlmKube.Operator.LocalCluster.ApiServer;

namespace LlmKube.Operator.Tests.Entities;

/// <summary>
/// The API server that the tests of the API speak to, with our definitions installed: one in this process, or the cluster that
/// LLMKUBE_TEST_KUBECONFIG names. Speaks plain HTTP, so that what is tested is what kubectl would get.
/// </summary>
[SetUpFixture]
internal sealed class ApiCluster
{
    private static readonly string Repository = typeof(ApiCluster).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryFolder").Value!;

    private static ApiServerHost? s_local;
    private static Kubernetes? s_client;

    /// <summary>Whether it is a whole API server, with CEL.</summary>
    public static bool IsReal { get; private set; }

    public static string Namespace { get; private set; } = string.Empty;

    /// <summary>A path in the repository.</summary>
    public static string InRepository(params string[] parts) => Path.Combine([Repository, .. parts]);

    /// <summary>The URL of a kind's objects in the namespace of this run.</summary>
    public static string Collection(string plural) => $"apis/inference.llmkube.dev/v1alpha1/namespaces/{Namespace}/{plural}";

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        var kubeconfig = Environment.GetEnvironmentVariable("LLMKUBE_TEST_KUBECONFIG");
        IsReal = !string.IsNullOrEmpty(kubeconfig);
        if (!IsReal) s_local = await ApiServerHost.StartAsync(new ApiServerOptions());
        s_client = new Kubernetes(s_local?.ClientConfiguration() ?? KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));

        var created = await SendAsync(HttpMethod.Post, "api/v1/namespaces", new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Namespace",
            ["metadata"] = new JsonObject { ["generateName"] = "entities-" },
        });
        Namespace = (string)created.Body["metadata"]!["name"]!;
        foreach (var file in Directory.GetFiles(InRepository("deploy", "crds"), "inference.*.yaml")) await InstallAsync(YamlManifests.Read(file).Single());
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (s_client is null) return;
        await SendAsync(HttpMethod.Delete, $"api/v1/namespaces/{Namespace}");
        s_client.Dispose();
        if (s_local is not null) await s_local.DisposeAsync();
    }

    /// <summary>Creates an object of ours; a field that the schema doesn't know is an error.</summary>
    public static Task<Answer> CreateAsync(JsonObject manifest) =>
        SendAsync(HttpMethod.Post, Collection(PluralOf(manifest)) + "?fieldValidation=Strict", manifest);

    public static async Task<Answer> SendAsync(
        HttpMethod method, string path, JsonNode? body = null, string contentType = "application/json", string accept = "application/json")
    {
        using var request = new HttpRequestMessage(method, new Uri(s_client!.BaseUri, path));
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, MediaTypeHeaderValue.Parse(contentType));
        await s_client.Credentials.ProcessHttpRequestAsync(request, CancellationToken.None);
        using var response = await s_client.HttpClient.SendAsync(request);
        return new((int)response.StatusCode, (JsonObject)JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    private static string PluralOf(JsonObject manifest) => (string)manifest["kind"]! == "Model" ? "models" : "inferenceservices";

    private static async Task InstallAsync(JsonObject crd)
    {
        var name = $"apis/apiextensions.k8s.io/v1/customresourcedefinitions/{crd["metadata"]!["name"]}";
        var applied = await SendAsync(HttpMethod.Patch, name + "?fieldManager=entities-tests&force=true", crd, "application/apply-patch+yaml");
        Assert.That(applied.Code, Is.AnyOf(200, 201), applied.Body.ToJsonString());
        Assert.That(async () => IsEstablished((await SendAsync(HttpMethod.Get, name)).Body), Is.True.After(30_000, 50));
    }

    private static bool IsEstablished(JsonObject crd) =>
        crd["status"]?["conditions"]?.AsArray().Any(c => (string?)c!["type"] == "Established" && (string?)c["status"] == "True") ?? false;
}

/// <summary>What the API server answered.</summary>
internal sealed record Answer(int Code, JsonObject Body)
{
    /// <summary>The words of a refusal.</summary>
    public string Message => (string?)Body["message"] ?? string.Empty;
}
