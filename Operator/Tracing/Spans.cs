using System.Diagnostics;
using System.Globalization;
using System.Net;
using k8s.Autorest;
using LlmKube.Operator.Hosting;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tracing;

/// <summary>Starts the spans of what the operator does within a reconcile. Without a listener there is none, and nothing is spent.</summary>
internal static class Spans
{
    /// <summary>The source of the operator's own spans; that of its engine's is the same or begins with it.</summary>
    public static readonly ActivitySource Source = new(OperatorApplication.Name, typeof(Spans).Assembly.GetName().Version!.ToString(3));

    /// <summary>A step of the reconcile that runs.</summary>
    public static Activity? Start(string name) => Source.StartActivity(name);

    /// <summary>An action on a child.</summary>
    public static Activity? Start(DesiredAction action) => Source.HasListeners() ? Source.StartActivity(NameOf(action)) : null;

    /// <summary>Tells the reconcile that runs between which phases its object goes.</summary>
    public static void Phase(string? before, string? after) =>
        Activity.Current?.SetTag(SpanAttributes.PhaseBefore, before ?? "").SetTag(SpanAttributes.PhaseAfter, after ?? "");

    /// <summary>Says that what the span tells of failed. The server's words are in the status and the log, a span gets the kind of failure: words can quote what is secret.</summary>
    public static void SetFailed(this Activity? span, Exception cause)
    {
        if (span is null) return;
        if (cause is HttpOperationException { Response.StatusCode: HttpStatusCode.Conflict })
        {
            // A lost race is nothing that went wrong.
            span.SetTag(SpanAttributes.ApplyResult, ApplyResults.Conflict);
            return;
        }

        var type = cause is HttpOperationException { Response: { } response } ? ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture) : cause.GetType().FullName;
        span.SetTag(SpanAttributes.ApplyResult, ApplyResults.Failed).SetTag(SpanAttributes.ErrorType, type).SetStatus(ActivityStatusCode.Error);
    }

    private static string NameOf(DesiredAction action)
    {
        var child = action.Target.Kind switch
        {
            "Deployment" => "deployment",
            "Service" => "service",
            "PodDisruptionBudget" => "pdb",
            "PersistentVolumeClaim" => "pvc",
            "Job" => "job",
            _ => "child",
        };
        return action switch
        {
            DesiredAction.Create when child == "pvc" => "pvc.ensure",
            DesiredAction.Apply => $"{child}.apply",
            DesiredAction.Create => $"{child}.create",
            DesiredAction.Patch => $"{child}.patch",
            DesiredAction.Delete => $"{child}.delete",
            _ => throw new UnreachableException($"No name for {action.GetType().Name}."),
        };
    }
}
