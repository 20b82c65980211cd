using System.Globalization;
using LlmKube.Operator.Engine.Metrics;

namespace LlmKube.Operator.Engine.Api;

/// <summary>Counts requests as client-go does: by status code, or <c>&lt;error&gt;</c> where there was none; and by what they were for.</summary>
internal sealed class RequestMetricsHandler(EngineMetrics metrics) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var code = "<error>";
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            code = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            return response;
        }
        finally
        {
            metrics.Request(code, request.Method.Method, request.RequestUri?.Authority ?? "");
            if (RequestTarget.Of(request) is { } target) metrics.RequestFor(target.Verb, target.Resource);
        }
    }
}
