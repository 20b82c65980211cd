namespace LlmKube.Operator.Plugin;

/// <summary>Spans of time as kubectl writes them.</summary>
internal static class Ages
{
    /// <summary>One unit, the largest of which there are two at least: <c>90s</c>, <c>5m</c>, <c>3h</c>, <c>12d</c>.</summary>
    public static string Text(TimeSpan age) => age.TotalSeconds switch
    {
        < 0 => "0s",
        < 120 => $"{(long)age.TotalSeconds}s",
        < 7200 => $"{(long)age.TotalMinutes}m",
        < 172_800 => $"{(long)age.TotalHours}h",
        _ => $"{(long)age.TotalDays}d",
    };
}
