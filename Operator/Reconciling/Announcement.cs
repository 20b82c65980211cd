using KubeOps.Abstractions.Events;

namespace LlmKube.Operator.Reconciling;

/// <summary>One Event for the user. Events of the same reason and message are counted together, so texts hold no times.</summary>
/// <param name="Reason">CamelCase, from the closed vocabulary.</param>
/// <param name="Message">One sentence.</param>
/// <param name="Type">Normal, or Warning where the user should look.</param>
internal sealed record Announcement(string Reason, string Message, EventType Type = EventType.Normal)
{
    /// <summary>An Event that asks the user to look.</summary>
    public static Announcement Warning(string reason, string message) => new(reason, message, EventType.Warning);
}
