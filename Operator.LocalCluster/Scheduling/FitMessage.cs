using System.Globalization;

namespace LlmKube.Operator.LocalCluster.Scheduling;

/// <summary>
/// Says why a pod fits nowhere, as kube-scheduler says it (framework/types.go, FitError; the words of 1.33, before dynamic resources added theirs): tools read them. Reasons
/// are sorted as text, counts included: "1 node(s) ..." stands before "2 Insufficient cpu", and "10 ..." before both.
/// </summary>
internal static class FitMessage
{
    private const string NoNodes = "no nodes available to schedule pods";
    private const string NoVictims = "No preemption victims found for incoming pod";
    private const string NotHelpful = "Preemption is not helpful for scheduling";
    private const string Never = "not eligible due to preemptionPolicy=Never.";
    private const string VictimsLeaving = "not eligible due to a terminating pod on the nominated node.";

    /// <param name="rejections">One for each node.</param>
    /// <param name="mayPreempt">False when the pod's preemptionPolicy is Never.</param>
    public static string Of(IReadOnlyCollection<Rejection> rejections, bool mayPreempt) => rejections.Count == 0 ? NoNodes
        : $"{Nodes(rejections)} preemption: {(mayPreempt ? Line(rejections.Count, Histogram(rejections.Select(r => r.Unresolvable ? NotHelpful : NoVictims))) : Never)}";

    /// <summary>For a pod that drives others out: of its own preemption the real scheduler says nothing, but that it waits for their end.</summary>
    public static string OfPreempting(IReadOnlyCollection<Rejection> rejections, bool victimsLeave) =>
        victimsLeave ? $"{Nodes(rejections)} preemption: {VictimsLeaving}" : Nodes(rejections);

    /// <summary>A reason that has nothing to do with any node, such as a claim that doesn't exist.</summary>
    public static string Of(int nodes, string reason, bool mayPreempt) => nodes == 0 ? NoNodes
        : $"{Line(nodes, reason)} preemption: {(mayPreempt ? Line(nodes, $"{Text(nodes)} {NotHelpful}") : Never)}";

    private static string Nodes(IReadOnlyCollection<Rejection> rejections) => Line(rejections.Count, Histogram(rejections.SelectMany(r => r.Reasons)));

    private static string Line(int nodes, string what) => $"0/{Text(nodes)} nodes are available: {what}.";

    private static string Histogram(IEnumerable<string> reasons) =>
        string.Join(", ", reasons.GroupBy(r => r).Select(g => $"{Text(g.Count())} {g.Key}").Order(StringComparer.Ordinal));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
