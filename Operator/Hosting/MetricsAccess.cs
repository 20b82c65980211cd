using System.Net;
using System.Security.Cryptography;
using System.Text;
using k8s.Autorest;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Hosting;

/// <summary>
/// Lets through who may read a path in Kubernetes' eyes: whose bearer token a TokenReview knows and to whom RBAC grants the non-resource URL. The same as the filter of
/// controller-runtime, so that the same ClusterRole and the same ServiceMonitor serve.
/// </summary>
internal sealed class MetricsAccess(ApiCalls api, TimeProvider time, ILogger<MetricsAccess> logger)
{
    // Prometheus asks every 15 to 60 seconds; a right that was taken away ends after at most this, if the API server answers.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    // Who was let in a while ago still is while the API server gives no answer: then the metrics are needed most.
    private static readonly TimeSpan Stale = TimeSpan.FromMinutes(10);

    // Below the ten seconds that Prometheus waits.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Strangers' tokens must not fill the memory; there are few scrapers.
    private const int MaxRemembered = 256;

    private readonly Lock _gate = new();

    private readonly Dictionary<Question, Answer> _answers = [];

    /// <summary>Answers 401, 403 or 503 itself, or calls the next.</summary>
    public async Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        if (TokenOf(context.Request) is not { } token)
        {
            await RefuseAsync(context, StatusCodes.Status401Unauthorized, "a bearer token is needed");
            return;
        }

        var path = context.Request.Path.Value ?? "";
        switch (await OfAsync(token, context.Request.Method.ToLowerInvariant(), path, context.RequestAborted))
        {
            case Verdict.Allowed:
                await next(context);
                break;
            case Verdict.Forbidden:
                await RefuseAsync(context, StatusCodes.Status403Forbidden, $"the token's user may not get {path}; the ClusterRole llmkube-metrics-reader grants it");
                break;
            case Verdict.Unknown:
                await RefuseAsync(context, StatusCodes.Status401Unauthorized, "the API server does not know this token");
                break;
            case Verdict.Barred:
                await RefuseAsync(
                    context, StatusCodes.Status503ServiceUnavailable, "the operator may not ask the API server about tokens; the ClusterRole llmkube-operator-metrics-auth lets it, and with --metrics-secure=false it need not");
                break;
            default:
                await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "the API server can't be asked about the token now");
                break;
        }
    }

    private static string? TokenOf(HttpRequest request)
    {
        const string Scheme = "Bearer ";
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && header[Scheme.Length..].Trim() is { Length: > 0 } token ? token : null;
    }

    private static Task RefuseAsync(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        if (status == StatusCodes.Status401Unauthorized) context.Response.Headers.WWWAuthenticate = "Bearer";
        return context.Response.WriteAsync($"{why}\n", context.RequestAborted);
    }

    private async Task<Verdict> OfAsync(string token, string verb, string path, CancellationToken cancellationToken)
    {
        var key = new Question(Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token))), verb, path);
        var known = Remembered(key);
        if (known is not null && time.GetElapsedTime(known.At) < Fresh) return known.Verdict;
        using var patience = new CancellationTokenSource(Patience, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var verdict = await ReviewAsync(token, verb, path, limit.Token);
            Remember(key, verdict);
            return verdict;
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            logger.ReviewFailed(e.Message);
            if (IsRefusal(e))
            {
                Remember(key, Verdict.Barred);
                return Verdict.Barred;
            }

            return known is { Verdict: Verdict.Allowed } && IsNoAnswer(e) ? Verdict.Allowed : Verdict.Unreviewed;
        }
    }

    // We may not ask, as in one namespace without a right beyond. Nor is there a use in asking at every scrape.
    private static bool IsRefusal(Exception e) => e is HttpOperationException { Response.StatusCode: HttpStatusCode.Forbidden };

    // A server that refuses to review has answered.
    private static bool IsNoAnswer(Exception e) => e is not HttpOperationException { Response.StatusCode: < HttpStatusCode.InternalServerError and not HttpStatusCode.TooManyRequests };

    private async Task<Verdict> ReviewAsync(string token, string verb, string path, CancellationToken cancellationToken)
    {
        if (await api.ReviewTokenAsync(token, cancellationToken) is not { } user) return Verdict.Unknown;
        return await api.MayAsync(user, verb, path, cancellationToken) ? Verdict.Allowed : Verdict.Forbidden;
    }

    private Answer? Remembered(Question key)
    {
        lock (_gate) return _answers.TryGetValue(key, out var answer) && time.GetElapsedTime(answer.At) < Stale ? answer : null;
    }

    private void Remember(Question key, Verdict verdict)
    {
        lock (_gate)
        {
            if (_answers.Count >= MaxRemembered)
            {
                // A stranger's makes room for a friend's, never the other way round.
                foreach (var (old, answer) in _answers.ToList())
                {
                    if (answer.Verdict != Verdict.Allowed || time.GetElapsedTime(answer.At) >= Stale) _answers.Remove(old);
                }
            }

            if (_answers.Count < MaxRemembered) _answers[key] = new(verdict, time.GetTimestamp());
        }
    }

    private enum Verdict
    {
        Unreviewed,
        Barred,
        Unknown,
        Forbidden,
        Allowed,
    }

    /// <summary>Who wants what. Tokens are secrets, so what is kept of one is its hash.</summary>
    private sealed record Question(string TokenHash, string Verb, string Path);

    private sealed record Answer(Verdict Verdict, long At);
}
