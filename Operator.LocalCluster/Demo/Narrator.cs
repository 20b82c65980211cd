using System.Globalization;

namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>Turns what is seen of Model and InferenceService into what is said of it: each thing once.</summary>
internal sealed class Narrator
{
    private readonly Dictionary<string, (string Phase, string? Trouble)> _told = [];
    private FetchProgress _fetch = new(0, null, 0);

    /// <summary>The lines for what is new of an object; none if nothing is.</summary>
    public IReadOnlyList<string> See(ServedObject seen, string kind)
    {
        if (seen.Status?.Phase is not { } phase) return [];
        var (before, trouble) = (_told.GetValueOrDefault(kind), seen.Trouble);
        _told[kind] = (phase, trouble);
        var lines = new List<string>();
        var subject = $"{kind} {seen.Metadata.Name}";
        if (phase != before.Phase) lines.Add(seen.Detail is { Length: > 0 } detail ? $"{subject}: {phase} ({detail})" : $"{subject}: {phase}");
        // A failure is told when all ends; this is what the operator tries again by itself.
        if (trouble is not null && trouble != before.Trouble && phase is not "Failed") lines.Add($"{subject}: {trouble}");
        return lines;
    }

    /// <summary>Whether the fetch has moved on.</summary>
    public bool See(FetchProgress seen)
    {
        var moved = seen.Bytes != _fetch.Bytes;
        _fetch = seen;
        return moved;
    }

    /// <summary>How far the fetch is, such as <c>fetching: 42.0 % of 4.6 GB, 98 MB/s, 27 s left</c>.</summary>
    public static string Of(FetchProgress fetch)
    {
        var rate = string.Create(CultureInfo.InvariantCulture, $"{fetch.BytesPerSecond / 1e6:0} MB/s");
        if (fetch.Total is not > 0) return $"fetching: {Size(fetch.Bytes)}, {rate}";
        var left = fetch.BytesPerSecond > 0 ? string.Create(CultureInfo.InvariantCulture, $", {Math.Max(0, fetch.Total.Value - fetch.Bytes) / fetch.BytesPerSecond} s left") : "";
        return string.Create(CultureInfo.InvariantCulture, $"fetching: {100.0 * fetch.Bytes / fetch.Total.Value:0.0} % of {Size(fetch.Total.Value)}, {rate}{left}");
    }

    /// <summary>Why it can't become Ready; null while it can.</summary>
    public static string? Verdict(ServedObject? seen, string kind) =>
        seen is { Status.Phase: "Failed" } ? $"{kind} {seen.Metadata.Name} has failed: {seen.Trouble ?? "see kubectl describe"}" : null;

    private static string Size(long bytes) => bytes >= 1_000_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB");
}
