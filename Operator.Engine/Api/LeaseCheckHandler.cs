using LlmKube.Operator.Engine.LeaderElection;

namespace LlmKube.Operator.Engine.Api;

/// <summary>
/// Refuses writes of a process that does not lead. It stands below every client, so that what goes past <c>IKubernetesClient</c> is
/// checked as well. A review (of a token, of a right) is a POST that writes nothing: a standby may ask for it.
/// </summary>
internal sealed class LeaseCheckHandler(Leadership leadership) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method != HttpMethod.Get && request.Method != HttpMethod.Head
            && !request.Options.TryGetValue(ApiRequest.NeedsNoLease, out _)
            && !IsReview(request))
        {
            leadership.EnsureLeader();
        }

        return base.SendAsync(request, cancellationToken);
    }

    private static bool IsReview(HttpRequestMessage request) =>
        request.Method == HttpMethod.Post && request.RequestUri?.AbsolutePath is { } path
        && (path.Contains("/apis/authentication.k8s.io/", StringComparison.Ordinal) || path.Contains("/apis/authorization.k8s.io/", StringComparison.Ordinal))
        && path.EndsWith("reviews", StringComparison.Ordinal);
}
