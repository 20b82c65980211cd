using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tracing;

/// <summary>What has ended for a service with a change of its status.</summary>
internal static class ServiceSpans
{
    public const string WaitForModel = "wait for model";
    public const string WaitForGpu = "wait for gpu";
    public const string Rollout = "rollout";
    public const string BecomeReady = "become ready";

    /// <summary>The spans between two statuses. Pure.</summary>
    /// <param name="seen">What was observed.</param>
    /// <param name="before">The status as it was.</param>
    /// <param name="after">The status as it has been written.</param>
    /// <param name="now">When.</param>
    public static IEnumerable<PastSpan> Between(ServiceSnapshot seen, InferenceServiceStatus? before, InferenceServiceStatus after, DateTimeOffset now)
    {
        if (ModelWaitStart(before, after) is { } since)
        {
            yield return Span(WaitForModel, now - since) with
            {
                About = seen.Model is { } model ? ObjectTrace.LinkTo(model.Metadata) : null,
                Attributes = Attributes(seen, (SpanAttributes.ModelName, seen.Service.Spec.ModelRef)),
            };
        }

        if (ServiceTimes.GpuWait(before, after, now) is { } waited) yield return Span(WaitForGpu, waited);
        if (ServiceTimes.Rollout(before, after, now) is { } rolled) yield return Span(Rollout, rolled);
        if (ServiceTimes.TimeToReady(before, after, now) is { } took) yield return Span(BecomeReady, took);

        PastSpan Span(string name, TimeSpan lasted) => new(name, now - lasted, now) { Attributes = Attributes(seen) };
    }

    // A condition's clock stands still while a rollout turns into a wait, so that the wait may have begun later than it says; not before the generation.
    private static DateTimeOffset? ModelWaitStart(InferenceServiceStatus? before, InferenceServiceStatus after)
    {
        if (before?.ModelReady != false || after.ModelReady != true) return null;
        DateTime?[] starts = [after.GenerationSince, before.Conditions.Find(ConditionTypes.Progressing)?.LastTransitionTime];
        return starts.Max()?.Moment();
    }

    private static Dictionary<string, object?> Attributes(ServiceSnapshot seen, params ReadOnlySpan<(string Name, object? Value)> more)
    {
        var attributes = new Dictionary<string, object?> { [SpanAttributes.ServiceName] = seen.Service.Metadata.Name };
        foreach (var (name, value) in more) attributes[name] = value;
        return attributes;
    }
}
