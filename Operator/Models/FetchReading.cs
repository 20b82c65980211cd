using System.Text.Json;
using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Models;

/// <summary>How far a running fetch is, as the last line of its log says.</summary>
/// <param name="Bytes">Bytes of the file that are there.</param>
/// <param name="Total">The file's length, where the source has announced it.</param>
/// <param name="Transferred">Bytes that this run has transferred.</param>
internal sealed record FetchReading(long Bytes, long? Total, long Transferred)
{
    /// <summary>More than any model has: what claims more is no reading.</summary>
    private const long Most = 1L << 50;

    /// <summary>The newest reading in the end of a log; null if there is none. Whoever writes to the log is not trusted.</summary>
    public static FetchReading? Last(string log) =>
        log.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Reverse().Select(Parse).FirstOrDefault(r => r is not null);

    /// <summary>Reads a line; null for one of something else, or cut in the middle.</summary>
    public static FetchReading? Parse(string line)
    {
        if (line is not ['{', .., '}']) return null;
        try
        {
            return JsonSerializer.Deserialize<ProgressLine>(line, JsonFile.Format) is { Event: ProgressLine.EventName } said
                && IsSound(said.Bytes) && IsSound(said.Transferred) && (said.Total is null || (IsSound(said.Total.Value) && said.Total > 0))
                ? new(said.Bytes, said.Total, said.Transferred)
                : null;
        }
        catch (JsonException)
        {
            return null; // another line of the program, or somebody else's
        }
    }

    private static bool IsSound(long bytes) => bytes is >= 0 and <= Most;
}
