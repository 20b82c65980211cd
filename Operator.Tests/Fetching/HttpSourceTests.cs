using System.Net;
using System.Net.Http.Headers;
using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Tests.Fetching;

/// <summary>Answers that no server of the other tests gives, or whose end can't be seen from there.</summary>
[TestFixture]
internal sealed class HttpSourceTests
{
    private static readonly Uri Url = new("https://models.example/m.gguf");

    [TestCase("\"v1\"", 100, true, Description = "all of it is there")]
    [TestCase(null, 100, true, Description = "and who says so has no more to say")]
    [TestCase("\"v2\"", 100, false, Description = "another version of the same length, from who looks at the range first")]
    [TestCase("\"v1\"", 99, false)]
    public async Task An_answer_that_there_is_no_more_is_let_go_of(string? etag, long length, bool isAll)
    {
        using var body = new WatchedContent();
        using var answers = new Answers(() =>
        {
            var response = new HttpResponseMessage(HttpStatusCode.RequestedRangeNotSatisfiable) { Content = body };
            if (etag is not null) response.Headers.ETag = EntityTagHeaderValue.Parse(etag);
            body.Headers.ContentRange = new ContentRangeHeaderValue(length);
            return response;
        });
        using var http = new HttpMessageInvoker(answers);
        var source = new HttpSource(
            http,
            new HttpConnections(AddressPolicy.Allowing([]), new WebProxy(), trust: null),
            new SourceAddress.Remote(Url, ""),
            "the source",
            new FetchOptions { Source = Url.AbsoluteUri, Target = "/m" },
            TimeProvider.System);
        var resume = new ResumePoint(100, "\"v1\"", 100);

        if (isAll)
        {
            await using var content = await source.OpenAsync(resume, CancellationToken.None);
            Assert.That((content.Offset, content.Total, content.Validator), Is.EqualTo((100, 100, "\"v1\"")));
        }
        else
        {
            await Assert.ThrowsAsync<ResumeRefusedException>(() => source.OpenAsync(resume, CancellationToken.None));
        }

        Assert.That(body.IsDisposed, Is.True, "its connection would be held until somebody collects it");
    }

    private sealed class Answers(Func<HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer());
    }

    private sealed class WatchedContent() : ByteArrayContent([])
    {
        public bool IsDisposed { get; private set; }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }
}
