using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Fetching;

/// <summary>
/// An HTTP(S) source. Every attempt begins at the original URL (links of content networks expire) and follows redirects itself;
/// a resume asks with If-Range, so that a changed source begins anew instead of being mixed.
/// </summary>
/// <param name="http">Sends; leaves redirects to us.</param>
/// <param name="connections">Says which hops may be taken.</param>
/// <param name="source">The source.</param>
/// <param name="shown">How it is called in messages.</param>
/// <param name="options">How patiently.</param>
/// <param name="time">The clock.</param>
internal sealed class HttpSource(HttpMessageInvoker http, HttpConnections connections, SourceAddress.Remote source, string shown, FetchOptions options, TimeProvider time) : IArtifactSource
{
    // A link that a redirect led to expires. The redirect makes a new one; if that is refused as well, it is not the link.
    private const int FreshLinks = 2;

    private static readonly ProductInfoHeaderValue Agent = new("llmkube-operator", typeof(HttpSource).Assembly.GetName().Version!.ToString(3));

    private int _linksRefused;

    /// <inheritdoc/>
    public async Task<SourceContent> OpenAsync(ResumePoint? resume, CancellationToken cancellationToken)
    {
        var credentials = CredentialsOf();
        // A server that takes the request and says nothing has stalled like one that stops in the middle.
        using var stall = new CancellationTokenSource(options.StallTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stall.Token);
        HttpResponseMessage? response = null;
        try
        {
            (response, var claim, var etag) = await FollowAsync(resume, credentials, either.Token);
            var content = await ReadAnswerAsync(response, resume, credentials, either.Token);
            response = null;
            _linksRefused = 0;
            return content with { Claim = claim, ETag = etag };
        }
        catch (OperationCanceledException e) when (stall.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new FetchFailure(Reasons.SourceStalled, $"{shown} did not answer for {options.StallTimeout.TotalSeconds:0.#} s", TryAgain.Soon, e);
        }
        catch (AddressRefusedException e)
        {
            throw NotAllowed(e.Message, e);
        }
        catch (HttpRequestException e)
        {
            throw e.InnerException is AddressRefusedException refused ? NotAllowed(refused.Message, e) : Unreachable(e, credentials);
        }
        finally
        {
            response?.Dispose();
        }
    }

    // Read anew each time: the kubelet brings a Secret's new version into a running pod.
    private Credentials? CredentialsOf() =>
        options.CredentialsFolder is { } folder ? Credentials.Read(folder) : source.UserInfo.Length > 0 ? Credentials.Basic(source.UserInfo) : null;

    private async Task<(HttpResponseMessage Response, ClaimedHash? Claim, string? ETag)> FollowAsync(ResumePoint? resume, Credentials? credentials, CancellationToken cancellationToken)
    {
        var url = source.Url;
        ClaimedHash? claim = null;
        string? etag = null;
        for (var hops = 0; ; hops++)
        {
            connections.CheckHop(url);
            using var request = Request(url, resume, credentials);
            var response = await http.SendAsync(request, cancellationToken);
            if (SameOrigin(url, source.Url))
            {
                claim ??= HashHeaders.Of(response, url.Host);
                etag ??= response.Headers.ETag?.ToString();
            }

            if (Redirect(response) is not { } location) return (response, claim ?? HashHeaders.Of(response, url.Host), etag);
            response.Dispose();
            if (hops == options.MaxRedirects)
            {
                throw new FetchFailure(Reasons.SourceUnreachable, $"{shown} redirects more than {options.MaxRedirects} times", TryAgain.Later);
            }

            url = Next(url, location);
        }
    }

    private HttpRequestMessage Request(Uri url, ResumePoint? resume, Credentials? credentials)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.UserAgent.Add(Agent);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (credentials is not null && SameOrigin(url, source.Url)) request.Headers.Authorization = credentials.Header;

        if (resume is not null)
        {
            request.Headers.Range = new(resume.Offset, null);
            request.Headers.TryAddWithoutValidation("If-Range", resume.Validator);
        }

        return request;
    }

    private static Uri? Redirect(HttpResponseMessage response) => (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 ? response.Headers.Location : null;

    private Uri Next(Uri url, Uri location)
    {
        if (!Uri.TryCreate(url, location, out var next)) throw NotAllowed("a redirect leads to what is no URL");
        return next.Scheme == Uri.UriSchemeHttps || next.Scheme == url.Scheme ? next : throw NotAllowed($"a redirect leads from {url.Scheme} to {next.Scheme}");
    }

    private FetchFailure NotAllowed(string why, Exception? cause = null) => new(Reasons.SourceNotAllowed, $"{shown}: {why}", TryAgain.WhenChanged, cause);

    private static bool SameOrigin(Uri a, Uri b) => Uri.Compare(a, b, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private async Task<SourceContent> ReadAnswerAsync(HttpResponseMessage response, ResumePoint? resume, Credentials? credentials, CancellationToken cancellationToken)
    {
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK:
                return await ContentAsync(response, offset: 0, response.Content.Headers.ContentLength, cancellationToken);
            case HttpStatusCode.PartialContent when resume is not null:
                return await ContentAsync(response, resume.Offset, CheckRange(response, resume), cancellationToken);
            case HttpStatusCode.RequestedRangeNotSatisfiable when resume is not null:
                return AtTheEnd(response, resume);
            default:
                throw await RefusedAsync(response, credentials, cancellationToken);
        }
    }

    private static async Task<SourceContent> ContentAsync(HttpResponseMessage response, long offset, long? total, CancellationToken cancellationToken) =>
        new(await response.Content.ReadAsStreamAsync(cancellationToken), offset, total, Validator(response), response);

    private long? CheckRange(HttpResponseMessage response, ResumePoint resume)
    {
        var range = response.Content.Headers.ContentRange;
        var sameVersion = Validator(response) is not { } validator || validator == resume.Validator;
        var sameTotal = range?.Length is null || resume.Total is null || range.Length == resume.Total;
        if (range?.From == resume.Offset && sameVersion && sameTotal) return range.Length ?? resume.Total;
        throw new ResumeRefusedException($"{shown} answered a resume at byte {resume.Offset} with another range or version");
    }

    // There is nothing beyond what we have: either that is all, or the length announced before was wrong.
    private SourceContent AtTheEnd(HttpResponseMessage response, ResumePoint resume)
    {
        var length = response.Content.Headers.ContentRange?.Length;
        if (length == resume.Offset && resume.Total is { } total && total != length)
        {
            throw new FetchFailure(Reasons.LengthMismatch, $"{shown} announced {total} bytes and has {length}", TryAgain.WhenChanged);
        }

        // Not every server looks at If-Range before it looks at the range.
        var isOther = response.Headers.ETag is { IsWeak: false } tag && resume.Validator.StartsWith('"') && tag.Tag != resume.Validator;
        return length == resume.Offset && !isOther
            ? new(Stream.Null, resume.Offset, length, resume.Validator, response)
            : throw new ResumeRefusedException($"{shown} has no byte {resume.Offset} any more");
    }

    // If-Range wants a strong validator.
    private static string? Validator(HttpResponseMessage response) => response.Headers.ETag is { IsWeak: false } tag
        ? tag.Tag
        : response.Content.Headers.LastModified?.ToString("R", System.Globalization.CultureInfo.InvariantCulture);

    private async Task<FetchFailure> RefusedAsync(HttpResponseMessage response, Credentials? credentials, CancellationToken cancellationToken)
    {
        var words = $"{shown} answered {await ServerWords.OfAsync(response, source, credentials, cancellationToken)}";
        return (int)response.StatusCode switch
        {
            404 or 410 => new(Reasons.SourceNotFound, words, TryAgain.WhenChanged),
            401 or 403 when IsElsewhere(response) && _linksRefused++ < FreshLinks => new(Reasons.SourceUnauthorized, words, TryAgain.Soon),
            401 or 403 or 407 => new(Reasons.SourceUnauthorized, words, TryAgain.Later),
            408 or 425 or 429 or >= 500 => new(Reasons.SourceUnreachable, words, TryAgain.Soon) { RetryAfter = RetryAfter(response) },
            _ => new(Reasons.SourceUnreachable, words, TryAgain.Later),
        };
    }

    private bool IsElsewhere(HttpResponseMessage response) => response.RequestMessage?.RequestUri is { } asked && !SameOrigin(asked, source.Url);

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow(),
        _ => null,
    };

    private FetchFailure Unreachable(HttpRequestException e, Credentials? credentials) => e.HttpRequestError is HttpRequestError.SecureConnectionError
        ? new(Reasons.SourceUntrusted, $"{shown}: {Innermost(e, credentials)}", TryAgain.Later, e)
        : new(Reasons.SourceUnreachable, $"{shown}: {Innermost(e, credentials)}", TryAgain.Soon, e);

    private string Innermost(Exception e, Credentials? credentials)
    {
        while (e.InnerException is { } inner and (IOException or SocketException or HttpRequestException or System.Security.Authentication.AuthenticationException)) e = inner;
        return ServerWords.Clean(e.Message, source, credentials);
    }
}

/// <summary>What is there already can't be gone on with: begin at zero.</summary>
internal sealed class ResumeRefusedException(string message) : Exception(message);
