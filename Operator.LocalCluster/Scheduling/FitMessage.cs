using System.Globalization;

namespace LlmKube.Operator.LocalCluster.Scheduling;

/// <summary>Says why a pod fits nowhere, as kube-scheduler says it (framework/types.go, FitError): tools read these words.</summary>
internal static class FitMessage
{
    public const string NoVictims = "No preemption victims found for incoming pod";
    public const string NotHelpful = "Preemption is not helpful for scheduling";

    /// <param name="rejections">One for each node.</param>
    /// <param name="mayPreempt">False when the pod's preemptionPolicy is Never.</param>
    public static string Of(IReadOnlyCollection<Rejection> rejections, bool mayPreempt)
    {
        if (rejections.Count == 0) return "no nodes available to schedule pods";
        var preemption = mayPreempt
            ? Line(rejections.Count, Histogram(rejections.Select(r => r.Unresolvable ? NotHelpful : NoVictims)))
            : "not eligible due to preemptionPolicy=Never.";
        return $"{Line(rejections.Count, Histogram(rejections.SelectMany(r => r.Reasons)))} preemption: {preemption}";
    }

    /// <summary>A reason that has nothing to do with any node, such as a claim that doesn't exist.</summary>
    public static string Of(int nodes, string reason, bool mayPreempt)
    {
        if (nodes == 0) return "no nodes available to schedule pods";
        var preemption = mayPreempt ? Line(nodes, Text(nodes) + " " + NotHelpful) : "not eligible due to preemptionPolicy=Never.";
        return $"{Line(nodes, reason)} preemption: {preemption}";
    }

    private static string Line(int nodes, string what) => $"0/{Text(nodes)} nodes are available: {what}.";

    private static string Histogram(IEnumerable<string> reasons) =>
        string.Join(", ", reasons.GroupBy(r => r).Select(g => $"{Text(g.Count())} {g.Key}").Order(StringComparer.Ordinal));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
