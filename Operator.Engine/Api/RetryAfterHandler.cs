using System.Net;

namespace LlmKube.Operator.Engine.Api;

/// <summary>
/// Repeats a request that an overloaded API server has put off, as client-go does (rest/with_retry.go): on 429, or 5xx, if the answer
/// says when in <c>Retry-After</c>. It stands above the check of the lease, so that a repeated write is checked again.
/// </summary>
internal sealed class RetryAfterHandler(TimeProvider time) : DelegatingHandler
{
    private const int MostRepeats = 10; // client-go's

    // For all repeats together. Who is to wait longer is better told now: a queue knows better than a worker how to wait.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        for (var repeats = 0; ; repeats++)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (repeats == MostRepeats || WaitOf(response) is not { } wait || time.GetElapsedTime(start) + wait > LongestWait) return response;
            response.Dispose();
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    // Of the two forms of the header, API servers send seconds.
    private static TimeSpan? WaitOf(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError ? response.Headers.RetryAfter?.Delta : null;
}
