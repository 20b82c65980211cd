using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>The Events that a change of status is worth: one for each thing that begins or changes its cause.</summary>
internal static class ServiceAnnouncements
{
    /// <summary>What is new between two statuses.</summary>
    public static IReadOnlyList<Announcement> Between(InferenceServiceStatus? before, InferenceServiceStatus after)
    {
        List<Announcement> news = [];
        if (Began(ConditionTypes.Degraded, "True") is { } degraded) news.Add(Announcement.Warning(degraded.Reason, degraded.Message));
        if (Began(ConditionTypes.FitsGPU, "False") is { } tooLarge) news.Add(Announcement.Warning(tooLarge.Reason, tooLarge.Message));
        if (Began(ConditionTypes.Accelerated, "False") is { } slow) news.Add(Announcement.Warning(slow.Reason, slow.Message));
        if (Began(ConditionTypes.CacheSingleNode, "True") is { } tied) news.Add(Announcement.Warning(tied.Reason, tied.Message));
        if (Began(ConditionTypes.UpgradePending, "True") is { Reason: Reasons.UpgradeFailed or Reasons.UpgradeStalled } stopped) news.Add(Announcement.Warning(stopped.Reason, stopped.Message));
        if (Began(ConditionTypes.GPUAvailable, "False") is not null) news.Add(Announcement.Warning(Reasons.InsufficientGPU, $"No node has the free GPUs: waiting for {after.WaitingFor}"));
        if (after.Conditions.Find(ConditionTypes.Progressing) is { Reason: Reasons.ModelNotFound or Reasons.ModelFailed } waits
            && before?.Conditions.Find(ConditionTypes.Progressing)?.Reason != waits.Reason)
        {
            news.Add(Announcement.Warning(waits.Reason, waits.Message));
        }

        // The others have conditions of their own.
        if (after.SchedulingStatus is Reasons.Unschedulable or Reasons.InsufficientResources or Reasons.CacheVolumeUnbindable && before?.SchedulingStatus != after.SchedulingStatus)
        {
            news.Add(Announcement.Warning(after.SchedulingStatus, $"No node fits: {after.SchedulingMessage}"));
        }

        if (before?.Phase != after.Phase)
        {
            switch (after.Phase)
            {
                case InferenceServicePhases.Creating when before?.Phase is null or InferenceServicePhases.Pending:
                    news.Add(new(Reasons.Creating, "Starting server pods"));
                    break;
                case InferenceServicePhases.Ready:
                    news.Add(new(Reasons.InferenceReady, $"Serving at {after.Endpoint}"));
                    break;
                case InferenceServicePhases.Stopped:
                    news.Add(new(Reasons.Stopped, "No replicas are wanted and none is left"));
                    break;
            }
        }

        return news;

        V1Condition? Began(string type, string status) =>
            after.Conditions.Find(type) is { } now && now.Status == status
            && (before?.Conditions.Find(type) is not { } was || was.Status != now.Status || was.Reason != now.Reason)
                ? now
                : null;
    }
}
