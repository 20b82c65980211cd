using System.Net;

namespace LlmKube.Operator.Engine.Access;

/// <summary>Sends a request once more if the API server does not take its token (401) and another is in the token's file by now.</summary>
/// <param name="token">Where the token is from; null: not from a file.</param>
internal sealed class FreshTokenHandler(TokenFile? token) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (token is null || response.StatusCode != HttpStatusCode.Unauthorized) return response;
        var fresh = token.Reread();
        if (fresh.Equals(request.Headers.Authorization)) return response;
        response.Dispose();
        request.Headers.Authorization = fresh;
        return await base.SendAsync(request, cancellationToken);
    }
}
