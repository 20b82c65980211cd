using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Fetching;

/// <summary>
/// An HTTP(S) source. Every attempt begins at the original URL (links of content networks expire) and follows redirects itself;
/// a resume asks with If-Range, so that a changed source begins anew instead of being mixed.
/// </summary>
internal sealed class HttpSource(HttpMessageInvoker http, SourceAddress.Remote source, FetchOptions options, TimeProvider time) : IArtifactSource
{
    private static readonly ProductInfoHeaderValue Agent = new("llmkube-operator", typeof(HttpSource).Assembly.GetName().Version!.ToString(3));

    /// <inheritdoc/>
    public async Task<SourceContent> OpenAsync(ResumePoint? resume, CancellationToken cancellationToken)
    {
        // A server that takes the request and says nothing has stalled like one that stops in the middle.
        using var stall = new CancellationTokenSource(options.StallTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stall.Token);
        HttpResponseMessage? response = null;
        try
        {
            response = await FollowAsync(resume, either.Token);
            var content = await ReadAnswerAsync(response, resume, either.Token);
            response = null;
            return content;
        }
        catch (OperationCanceledException e) when (stall.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new FetchFailure(Reasons.SourceStalled, $"{source.Shown} did not answer for {options.StallTimeout.TotalSeconds:0.#} s", TryAgain.Soon, e);
        }
        catch (HttpRequestException e)
        {
            throw Unreachable(e);
        }
        finally
        {
            response?.Dispose();
        }
    }

    private async Task<HttpResponseMessage> FollowAsync(ResumePoint? resume, CancellationToken cancellationToken)
    {
        var url = source.Url;
        for (var hops = 0; ; hops++)
        {
            using var request = Request(url, resume);
            var response = await http.SendAsync(request, cancellationToken);
            if (Redirect(response) is not { } location) return response;
            response.Dispose();
            if (hops == options.MaxRedirects)
            {
                throw new FetchFailure(Reasons.SourceUnreachable, $"{source.Shown} redirects more than {options.MaxRedirects} times", TryAgain.Later);
            }

            url = Next(url, location);
        }
    }

    private HttpRequestMessage Request(Uri url, ResumePoint? resume)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.UserAgent.Add(Agent);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (source.UserInfo.Length > 0 && SameOrigin(url, source.Url))
        {
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(source.UserInfo)));
        }

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
        if (!Uri.TryCreate(url, location, out var next)) throw new FetchFailure(Reasons.SourceNotAllowed, $"{source.Shown} redirects to what is no URL", TryAgain.Later);
        if (next.Scheme != Uri.UriSchemeHttps && next.Scheme != url.Scheme)
        {
            throw new FetchFailure(Reasons.SourceNotAllowed, $"{source.Shown} redirects from {url.Scheme} to {next.Scheme}", TryAgain.Later);
        }

        return next;
    }

    private static bool SameOrigin(Uri a, Uri b) => Uri.Compare(a, b, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private async Task<SourceContent> ReadAnswerAsync(HttpResponseMessage response, ResumePoint? resume, CancellationToken cancellationToken)
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
                throw await RefusedAsync(response, cancellationToken);
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
        throw new ResumeRefusedException($"{source.Shown} answered a resume at byte {resume.Offset} with another range or version");
    }

    // There is nothing beyond what we have: either that is all, or the length announced before was wrong.
    private SourceContent AtTheEnd(HttpResponseMessage response, ResumePoint resume)
    {
        var length = response.Content.Headers.ContentRange?.Length;
        if (length == resume.Offset && resume.Total is { } total && total != length)
        {
            throw new FetchFailure(Reasons.LengthMismatch, $"{source.Shown} announced {total} bytes and has {length}", TryAgain.WhenChanged);
        }

        return length == resume.Offset
            ? new(Stream.Null, resume.Offset, length, resume.Validator)
            : throw new ResumeRefusedException($"{source.Shown} has no byte {resume.Offset} any more");
    }

    // If-Range wants a strong validator.
    private static string? Validator(HttpResponseMessage response) => response.Headers.ETag is { IsWeak: false } tag
        ? tag.Tag
        : response.Content.Headers.LastModified?.ToString("R", System.Globalization.CultureInfo.InvariantCulture);

    private async Task<FetchFailure> RefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var words = $"{source.Shown} answered {await ServerWords.OfAsync(response, source, cancellationToken)}";
        return (int)response.StatusCode switch
        {
            404 or 410 => new(Reasons.SourceNotFound, words, TryAgain.WhenChanged),
            401 or 403 or 407 => new(Reasons.SourceUnauthorized, words, TryAgain.Later),
            408 or 425 or 429 or >= 500 => new(Reasons.SourceUnreachable, words, TryAgain.Soon) { RetryAfter = RetryAfter(response) },
            _ => new(Reasons.SourceUnreachable, words, TryAgain.Later),
        };
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow(),
        _ => null,
    };

    private FetchFailure Unreachable(HttpRequestException e) => e.HttpRequestError is HttpRequestError.SecureConnectionError
        ? new(Reasons.SourceUntrusted, $"{source.Shown}: {Innermost(e)}", TryAgain.Later, e)
        : new(Reasons.SourceUnreachable, $"{source.Shown}: {Innermost(e)}", TryAgain.Soon, e);

    private string Innermost(Exception e)
    {
        while (e.InnerException is { } inner and (IOException or SocketException or HttpRequestException or System.Security.Authentication.AuthenticationException)) e = inner;
        return ServerWords.Clean(e.Message, source);
    }
}

/// <summary>What is there already can't be gone on with: begin at zero.</summary>
internal sealed class ResumeRefusedException(string message) : Exception(message);
