using System.Globalization;

namespace LlmKube.Operator.LocalCluster.ApiServer.Tables;

/// <summary>Durations as kubectl shows them: "5s", "3m20s", "4h", "2d3h", "1y20d".</summary>
internal static class HumanDuration
{
    public static string Of(TimeSpan duration)
    {
        var seconds = (long)Math.Truncate(duration.TotalSeconds);
        if (seconds < -1) return "<invalid>";
        if (seconds < 0) return "0s";
        if (seconds < 120) return Text($"{seconds}s");
        var minutes = seconds / 60;
        if (minutes < 10) return With(minutes, "m", seconds % 60, "s");
        if (minutes < 180) return Text($"{minutes}m");
        var hours = minutes / 60;
        if (hours < 8) return With(hours, "h", minutes % 60, "m");
        if (hours < 48) return Text($"{hours}h");
        var days = hours / 24;
        if (days < 8) return With(days, "d", hours % 24, "h");
        if (days < 730) return Text($"{days}d");
        var years = days / 365;
        return years < 8 ? With(years, "y", days % 365, "d") : Text($"{years}y");
    }

    private static string With(long large, string largeUnit, long small, string smallUnit) =>
        small == 0 ? Text($"{large}{largeUnit}") : Text($"{large}{largeUnit}{small}{smallUnit}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
