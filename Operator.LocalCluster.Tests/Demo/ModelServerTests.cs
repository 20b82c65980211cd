using System.Net;
using System.Net.Http.Headers;
using LlmKube.Operator.LocalCluster.Demo;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmKube.Operator.LocalCluster.Tests.Demo;

/// <summary>The place that the demo's model is fetched from.</summary>
public sealed class ModelServerTests
{
    private DirectoryInfo _folder = null!;
    private ModelServer _server = null!;
    private HttpClient _http = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _folder = Directory.CreateTempSubdirectory("model-server-");
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "a.gguf"), "0123456789");
        _server = await ModelServer.StartAsync(_folder.FullName, NullLoggerFactory.Instance, CancellationToken.None);
        _http = new() { BaseAddress = _server.Address };
    }

    [TearDown]
    public async Task StopAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task A_fetch_can_go_on_where_it_stopped()
    {
        using var whole = await _http.GetAsync(new Uri("a.gguf", UriKind.Relative));
        using var request = new HttpRequestMessage(HttpMethod.Get, "a.gguf") { Headers = { Range = new(4, null), IfRange = new(whole.Headers.ETag!) } };
        using var rest = await _http.SendAsync(request);
        Assert.That((whole.StatusCode, whole.Content.Headers.ContentLength), Is.EqualTo((HttpStatusCode.OK, 10L)));
        Assert.That((rest.StatusCode, await rest.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.PartialContent, "456789")));
        Assert.That(rest.Content.Headers.ContentRange, Is.EqualTo(new ContentRangeHeaderValue(4, 9, 10)));
    }

    [TestCase("b.gguf")]
    [TestCase("%2e%2e/b.gguf")]
    [TestCase("")]
    public async Task There_is_nothing_else(string path)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }
}
