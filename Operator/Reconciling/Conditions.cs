using k8s.Models;

namespace LlmKube.Operator.Reconciling;

/// <summary>Changes to a list of conditions. Every function returns a new list and leaves its input alone.</summary>
internal static class Conditions
{
    /// <summary>
    /// Replaces the condition of the same type in its place, or appends it. <c>lastTransitionTime</c> moves only when the status flips.
    /// </summary>
    /// <param name="current">The conditions as they are; null is none.</param>
    /// <param name="next">The condition as it should be; its own transition time is ignored.</param>
    /// <param name="now">The time of a flip; cut to whole seconds, as the API writes them.</param>
    public static IList<V1Condition> With(this IList<V1Condition>? current, V1Condition next, DateTimeOffset now)
    {
        var before = current.Find(next.Type);
        var condition = new V1Condition
        {
            Type = next.Type,
            Status = next.Status,
            Reason = next.Reason,
            Message = next.Message ?? "",
            ObservedGeneration = next.ObservedGeneration,
            LastTransitionTime = before is not null && before.Status == next.Status ? before.LastTransitionTime : WholeSeconds(now),
        };
        return before is null
            ? [.. current ?? [], condition]
            : [.. current!.Select(c => ReferenceEquals(c, before) ? condition : c)];
    }

    /// <summary>Removes the condition of a type: what is no longer true is not left standing.</summary>
    public static IList<V1Condition> Without(this IList<V1Condition>? current, string type) =>
        [.. (current ?? []).Where(c => c.Type != type)];

    /// <summary>The condition of a type, or null.</summary>
    public static V1Condition? Find(this IList<V1Condition>? current, string type) => current?.FirstOrDefault(c => c.Type == type);

    /// <summary>True if the condition of the type is there and says True.</summary>
    public static bool IsTrue(this IList<V1Condition>? current, string type) => current.Find(type)?.Status == "True";

    /// <summary>A UTC time without fractions: the API's times have none, and a status must come back as it was written.</summary>
    public static DateTime WholeSeconds(DateTimeOffset now) =>
        new(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);
}
