using System.Text.Json;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Models;

/// <summary>How far a running fetch is, as the last line of its log says.</summary>
/// <param name="Bytes">Bytes of the file that are there.</param>
/// <param name="Total">The file's length, where the source has announced it.</param>
/// <param name="Transferred">Bytes that this run has transferred.</param>
/// <param name="BytesPerSecond">The present rate, smoothed; null if it makes no sense.</param>
/// <param name="EtaSeconds">Seconds that what is left takes at that rate.</param>
/// <param name="Gguf">What the file's header says, as soon as it has been read.</param>
internal sealed record FetchReading(long Bytes, long? Total, long Transferred, long? BytesPerSecond, long? EtaSeconds, GgufMetadata? Gguf)
{
    private const int LongestText = 64;

    /// <summary>No run goes on so often: what claims more is no reading.</summary>
    private const int MostResumes = 1_000_000;

    /// <summary>More than any model has: what claims more is no reading.</summary>
    private const long Most = 1L << 50;

    /// <summary>Times that this run went on where it or an earlier one had stopped.</summary>
    public int Resumes { get; init; }

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
                && IsSound(said.Bytes) && IsSound(said.Transferred) && said.Resumes is >= 0 and <= MostResumes && (said.Total is null || (IsSound(said.Total.Value) && said.Total > 0))
                ? new(said.Bytes, said.Total, said.Transferred, Sound(said.BytesPerSecond), Sound(said.EtaSeconds), Shortened.Of(said.Gguf, LongestText)) { Resumes = said.Resumes }
                : null;
        }
        catch (JsonException)
        {
            return null; // another line of the program, or somebody else's
        }
    }

    private static long? Sound(long? number) => number is { } said && IsSound(said) ? said : null;

    private static bool IsSound(long bytes) => bytes is >= 0 and <= Most;
}
