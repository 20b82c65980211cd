using System.Globalization;

namespace LlmKube.Operator.Models;

/// <summary>Sizes for people.</summary>
internal static class SizeText
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>For instance <c>4.6 GiB</c>, as the Go operator (LLMKube) writes it.</summary>
    public static string Of(long bytes)
    {
        double size = bytes;
        var unit = 0;
        for (; size >= 1024 && unit < Units.Length - 1; unit++) size /= 1024;
        return unit == 0 ? $"{bytes} B" : string.Create(CultureInfo.InvariantCulture, $"{size:0.0} {Units[unit]}");
    }
}
