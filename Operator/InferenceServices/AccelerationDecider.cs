using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>What is to be said of where the servers of a service compute.</summary>
/// <param name="Status">For <c>status.acceleration</c>; null: it is not known.</param>
/// <param name="ConditionStatus">Of the condition Accelerated: True, False or Unknown.</param>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
/// <param name="Message">For the user.</param>
internal sealed record AccelerationVerdict(AccelerationStatus? Status, string ConditionStatus, string Reason, string Message);

/// <summary>Judges by the servers' own words whether those that have GPUs use them. A server that computes on the CPU serves nevertheless: nothing is withdrawn for it.</summary>
internal static class AccelerationDecider
{
    private const string Cures =
        "Check that the image is a build for these GPUs (spec.image, the Model's hardware.gpu.vendor and runtime), that the node's driver fits it, and that the device plugin gives them to the pod; "
        + "the begin of the server's log says more";

    private const int LongestCause = 300;

    /// <summary>True if the service's pods ask for GPUs. Without its Model that is as it was.</summary>
    public static bool IsAsked(ServiceSnapshot seen) => seen.Model is { } model
        ? GpuRequest.PerPod(seen.Service.Spec, model.Spec) > 0
        : seen.Service.Status?.Conditions.Find(ConditionTypes.Accelerated) is not null;

    /// <summary>The verdict; null: there is nothing to say, because the pods ask for no GPU, or none of them serves.</summary>
    public static AccelerationVerdict? Decide(ServiceSnapshot seen)
    {
        if (!IsAsked(seen) || seen.Loads.Count == 0) return null;
        var worst = seen.Loads.Where(l => l.Value is LoadReport.Offload).GroupBy(l => (LoadReport.Offload)l.Value!, l => l.Key)
            .OrderBy(g => g.Key.Ratio).ThenBy(g => g.Key.Device, StringComparer.Ordinal).ThenBy(g => g.Key.Total).FirstOrDefault();
        if (worst is { Key: { Layers: 0 } none }) return Known(worst, "False", Reasons.CPUFallback, $"The pods ask for GPUs, and {Instead(none)}: it computes on the CPU. {Cures}");
        if (seen.Loads.Values.FirstOrDefault(l => l is LoadReport.Rotated or LoadReport.Unsaid or LoadReport.Unreadable) is { } obstacle) return Unknown(obstacle);
        if (worst is null || Newcomers(seen)) return Unread(seen);
        var (layers, total, device) = (worst.Key.Layers, worst.Key.Total, worst.Key.Device ?? "GPUs");
        if (layers >= total) return Known(worst, "True", Reasons.LayersOffloaded, $"All {total} layers are on {device}");
        var asWanted = seen.Model?.Spec.Hardware?.Gpu?.Layers == layers ? ", as the Model's hardware.gpu.layers asks" : "";
        return Known(worst, "True", Reasons.PartlyOffloaded, $"{layers} of {total} layers are on {device}{asWanted}");
    }

    private static string Instead(LoadReport.Offload none) =>
        none.Total is { } all ? $"none of the model's {all} layers is on one" : "the server has found none that it can use";

    private static AccelerationVerdict Known(IGrouping<LoadReport.Offload, string> pods, string status, string reason, string message) => new(
        new()
        {
            Device = pods.Key.Device,
            LayersOffloaded = pods.Key.Layers,
            LayersTotal = pods.Key.Total,
            Pods = [.. pods.Order(StringComparer.Ordinal)],
        },
        status, reason, message);

    // What pods of another template said is not said of these. Of the same one's they are taken to be alike until they have spoken.
    private static bool Newcomers(ServiceSnapshot seen)
    {
        var templates = seen.Pods.ToDictionary(p => p.Metadata.Name, p => p.TemplateHash());
        var heard = seen.Loads.Where(l => l.Value is not null).Select(l => templates.GetValueOrDefault(l.Key)).ToHashSet();
        return seen.Loads.Any(l => l.Value is null && !heard.Contains(templates.GetValueOrDefault(l.Key)));
    }

    // A log that an earlier operator found to say nothing will say nothing again: that is not taken back while it is looked at once more.
    private static AccelerationVerdict Unread(ServiceSnapshot seen)
    {
        var before = seen.Service.Status?.Conditions.Find(ConditionTypes.Accelerated);
        return before is { Status: "Unknown", Reason: not Reasons.NotYetKnown } && before.ObservedGeneration == seen.Service.Metadata.Generation
            ? Unknown(before.Reason, before.Message)
            : Unknown(Reasons.NotYetKnown, "What the server said when it loaded the model has not been read yet");
    }

    private static AccelerationVerdict Unknown(LoadReport obstacle) => obstacle switch
    {
        LoadReport.Rotated => Unknown(
            Reasons.LogRotated,
            "The server's log does not tell of the load of the model: its begin has been rotated away, or the server is not llama.cpp's. The next pod's will be read in time"),
        LoadReport.Unsaid => Unknown(
            Reasons.NotLogged,
            $"The server's log does not tell where the layers of the model went: builds of llama.cpp from 9181 on need the verbosity {ServerLog.Verbosity.Value}, "
            + $"which {ServerLog.Verbosity.Name} sets from build 9310 on. Leave it as it is, or take a newer image"),
        LoadReport.Unreadable unreadable => Unknown(Reasons.LogUnreadable, $"The server's log can't be read, and is tried again: {Short(unreadable.Cause)}"),
        _ => throw new ArgumentOutOfRangeException(nameof(obstacle), obstacle, "Not an obstacle."),
    };

    private static AccelerationVerdict Unknown(string reason, string message) => new(null, "Unknown", reason, message);

    private static string Short(string cause) => cause.Length > LongestCause ? cause[..LongestCause] : cause;
}
