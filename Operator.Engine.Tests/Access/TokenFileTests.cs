using System.Net;
using System.Net.Http.Headers;
using k8s.Exceptions;
using LlmKube.Operator.Engine.Access;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Engine.Tests.Access;

/// <summary>Which token is shown when.</summary>
public class TokenFileTests
{
    private readonly FakeTimeProvider _clock = new();
    private string _file = null!;
    private TokenFile _token = null!;

    [SetUp]
    public void Write()
    {
        _file = Path.GetTempFileName();
        File.WriteAllText(_file, "first\n");
        _token = new(_file, _clock, NullLogger.Instance);
    }

    [TearDown]
    public void Remove() => File.Delete(_file);

    [Test]
    public async Task The_file_is_read_again_after_a_minute()
    {
        Assert.That(await ShownAsync(), Is.EqualTo("Bearer first"));
        await File.WriteAllTextAsync(_file, "second");
        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.That(await ShownAsync(), Is.EqualTo("Bearer first"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await ShownAsync(), Is.EqualTo("Bearer second"));
    }

    [Test]
    public async Task A_file_that_is_gone_or_empty_leaves_the_last_token()
    {
        Assert.That(await ShownAsync(), Is.EqualTo("Bearer first"));
        await File.WriteAllTextAsync(_file, "");
        Assert.That(_token.Reread().ToString(), Is.EqualTo("Bearer first"));
        File.Delete(_file);
        Assert.That(_token.Reread().ToString(), Is.EqualTo("Bearer first"));
    }

    [Test]
    public void A_file_that_never_had_a_token_is_refused([Values("", " \n", "two\nlines", null)] string? text)
    {
        if (text is null) File.Delete(_file);
        else File.WriteAllText(_file, text);
        Assert.That(() => new TokenFile(_file, _clock, NullLogger.Instance), Throws.TypeOf<KubeConfigException>().With.Message.StartsWith($"{_file} can't be used: "));
    }

    [Test]
    public async Task A_request_whose_token_is_not_taken_is_sent_again_with_the_one_of_the_file_and_only_with_another()
    {
        List<string> shown = [];
        using var client = new HttpMessageInvoker(new FreshTokenHandler(_token) { InnerHandler = new Server(shown, taken: "second") });
        Assert.That(await SendAsync(), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(shown, Is.EqualTo(new[] { "Bearer first" }), "the file has no other");

        await File.WriteAllTextAsync(_file, "second");
        Assert.That(await SendAsync(), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await SendAsync(), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(shown, Is.EqualTo(new[] { "Bearer first", "Bearer first", "Bearer second", "Bearer second" }));

        await File.WriteAllTextAsync(_file, "third");
        _token.Reread();
        Assert.That(await SendAsync(), Is.EqualTo(HttpStatusCode.Unauthorized), "once is enough");
        Assert.That(shown, Has.Count.EqualTo(5));

        async Task<HttpStatusCode> SendAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "https://server.test/");
            request.Headers.Authorization = await _token.GetAuthenticationHeaderAsync(default);
            using var response = await client.SendAsync(request, default);
            return response.StatusCode;
        }
    }

    private async Task<string> ShownAsync() => (await _token.GetAuthenticationHeaderAsync(default)).ToString();

    private sealed class Server(List<string> shown, string taken) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            AuthenticationHeaderValue header = request.Headers.Authorization!;
            shown.Add(header.ToString());
            return Task.FromResult(new HttpResponseMessage(header.Parameter == taken ? HttpStatusCode.OK : HttpStatusCode.Unauthorized));
        }
    }
}
