namespace LlmKube.Operator.LocalCluster.Nodes.Pods;

/// <summary>How long a crashed container waits, as the kubelet does it: not at all, then 10 s, doubling up to five minutes.</summary>
internal static class RestartBackoff
{
    /// <summary>A container that ran this long starts over at no delay.</summary>
    public static readonly TimeSpan Forgiven = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <param name="crashes">How many in a row, this one included.</param>
    public static TimeSpan After(int crashes)
    {
        if (crashes <= 1) return TimeSpan.Zero;
        var delay = TimeSpan.FromSeconds(10) * Math.Pow(2, Math.Min(crashes - 2, 10));
        return delay < Longest ? delay : Longest;
    }
}
