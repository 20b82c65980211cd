using LlmKube.Operator.Engine.LeaderElection;

namespace LlmKube.Operator.Engine.Api;

/// <summary>
/// Refuses writes of a process that does not lead. It stands below every client, so that what goes past <c>IKubernetesClient</c> is
/// checked as well.
/// </summary>
internal sealed class LeaseCheckHandler(Leadership leadership) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method != HttpMethod.Get && request.Method != HttpMethod.Head
            && !request.Options.TryGetValue(ApiRequest.NeedsNoLease, out _))
        {
            leadership.EnsureLeader();
        }

        return base.SendAsync(request, cancellationToken);
    }
}
