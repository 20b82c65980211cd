using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Models;

/// <summary>The Events that a change of a Model's status is worth.</summary>
internal static class ModelAnnouncements
{
    /// <summary>What is new between two statuses.</summary>
    /// <param name="before">The one before; null: there is none.</param>
    /// <param name="after">The one after.</param>
    /// <param name="claim">The claim that both are about; null: the first, which goes without saying.</param>
    public static IReadOnlyList<Announcement> Between(ModelStatus? before, ModelStatus after, string? claim = null) =>
        claim is null ? Between(before, after) : [.. Between(before, after).Select(a => a with { Message = $"Claim {claim}: {a.Message}" })];

    private static List<Announcement> Between(ModelStatus? before, ModelStatus after)
    {
        List<Announcement> news = [];
        foreach (var type in (string[])[ConditionTypes.Degraded, ConditionTypes.NameConflict])
        {
            if (New(before, after, type) is { } trouble) news.Add(Announcement.Warning(trouble.Reason, trouble.Message));
        }

        if (New(before, after, ConditionTypes.InUse) is { } use && before?.Conditions.IsTrue(ConditionTypes.InUse) != true) news.Add(new Announcement(use.Reason, use.Message));
        if (before?.Phase == after.Phase && before?.CacheKey == after.CacheKey) return news;
        var isRetry = after.Conditions.IsTrue(ConditionTypes.Degraded);
        if (after.Phase is ModelPhases.Downloading or ModelPhases.Copying && !isRetry && after.Conditions.Find(ConditionTypes.Progressing) is { } started)
        {
            news.Add(new Announcement(started.Reason, started.Message));
        }
        else if (after.Phase == ModelPhases.Ready && after.Conditions.Find(ConditionTypes.Available) is { } available)
        {
            news.Add(new Announcement(available.Reason, after.Size is { } size ? $"{available.Message} ({size})" : available.Message));
        }

        return news;
    }

    private static V1Condition? New(ModelStatus? before, ModelStatus after, string type)
    {
        if (after.Conditions.Find(type) is not { Status: "True" } now) return null;
        return before?.Conditions.Find(type) is { Status: "True" } was && was.Reason == now.Reason && was.Message == now.Message ? null : now;
    }
}
