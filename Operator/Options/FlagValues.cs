using System.Globalization;

namespace LlmKube.Operator.Options;

/// <summary>Reads the values of flags; null is "not a value".</summary>
internal static class FlagValues
{
    public static int? Count(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 256 ? count : null;

    public static LogLevel? Level(string text) => text.ToLowerInvariant() switch
    {
        "trace" => LogLevel.Trace,
        "debug" => LogLevel.Debug,
        "information" or "info" => LogLevel.Information,
        "warning" or "warn" => LogLevel.Warning,
        "error" => LogLevel.Error,
        _ => null,
    };

    public static LogFormat? Format(string text) => text.ToLowerInvariant() switch
    {
        "text" or "console" => LogFormat.Text,
        "json" => LogFormat.Json,
        _ => null,
    };

    /// <summary>Folders in the one spelling that paths of sources have, too: no double, trailing or dotted steps.</summary>
    public static IReadOnlyList<string>? Folders(string text)
    {
        var folders = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (folders.Any(f => f[0] != '/' || f.Split('/').Contains(".."))) return null;
        string[] normal = [.. folders.Select(f => Path.TrimEndingDirectorySeparator(Path.GetFullPath(f)))];
        return normal.Contains("/") ? null : normal;
    }

    public static bool IsNamespace(string text) =>
        text.Length is > 0 and <= 63 && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-') && text[0] != '-' && text[^1] != '-';
}
