using System.Text;

namespace LlmKube.Operator.Benchmarks.Results;

/// <summary>What has to be so, what it is, and whether that is good enough.</summary>
internal sealed class Targets
{
    private readonly List<(string What, string Limit, string Measured, bool IsMet)> _all = [];

    /// <summary>Those that are missed.</summary>
    public IEnumerable<string> Missed => _all.Where(t => !t.IsMet).Select(t => $"{t.What}: {t.Measured}, must be {t.Limit}");

    /// <summary>Measured, and to be no more than a limit.</summary>
    public void AtMost(string what, double limit, double measured, string unit, int digits = 0)
    {
        var format = $"F{digits}";
        _all.Add((what, FormattableString.Invariant($"at most {limit:0.##} {unit}").Trim(), $"{measured.ToString(format, null)} {unit}".Trim(), measured <= limit));
    }

    /// <summary>All of them as a table.</summary>
    public override string ToString()
    {
        var table = new StringBuilder("| what | must be | is | |\n|---|---|---|---|\n");
        foreach (var (what, limit, measured, isMet) in _all) table.Append(FormattableString.Invariant($"| {what} | {limit} | {measured} | {(isMet ? "met" : "**missed**")} |\n"));
        return table.ToString();
    }
}
