using System.Diagnostics;
using System.Net;
using OpenTelemetry.Instrumentation.AspNetCore;
using OpenTelemetry.Instrumentation.Http;

namespace LlmKube.Operator.Tracing;

/// <summary>Which requests have spans: those to the API server that a reconcile or a scrape makes, and scrapes themselves.</summary>
internal static class RequestSpans
{
    private const string Metrics = "/metrics";

    /// <summary>Requests that are made. What belongs to nothing (informers, the lease) and what never ends (watches) has none.</summary>
    public static void Configure(HttpClientTraceInstrumentationOptions requests)
    {
        requests.FilterHttpRequestMessage = request => Activity.Current?.Parent is not null && !IsWatch(request);
        requests.EnrichWithHttpRequestMessage = (span, request) =>
        {
            if (request.RequestUri is not { } url || UrlTemplates.Of(url.AbsolutePath) is not { } template) return;
            span.SetTag(SpanAttributes.UrlTemplate, template);
            span.DisplayName = $"{request.Method} {template}";
        };
        requests.EnrichWithHttpResponseMessage = (span, response) =>
        {
            // To look for an object and find none is an answer, not an error.
            if (response is { StatusCode: HttpStatusCode.NotFound, RequestMessage.Method.Method: "GET" }) span.SetStatus(ActivityStatusCode.Unset).SetTag(SpanAttributes.ErrorType, null);
        };
    }

    /// <summary>Requests that are answered: scrapes have spans, probes have none.</summary>
    public static void Configure(AspNetCoreTraceInstrumentationOptions requests)
    {
        requests.Filter = context => context.Request.Path == Metrics;
        requests.EnrichWithHttpResponse = (span, response) =>
        {
            // Nothing routes here, so that nobody else knows.
            span.SetTag("http.route", Metrics);
            span.DisplayName = $"{response.HttpContext.Request.Method} {Metrics}";
        };
    }

    private static bool IsWatch(HttpRequestMessage request) => request.RequestUri?.Query.Contains("watch=true", StringComparison.Ordinal) == true;
}
