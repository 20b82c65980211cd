using System.Text.Json;

namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>How far a fetch is, as its log says.</summary>
/// <param name="Bytes">Bytes that are there.</param>
/// <param name="Total">The file's length, where the source says it.</param>
internal sealed record FetchProgress(long Bytes, long? Total, long BytesPerSecond)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    /// <summary>Reads a line of the fetch's log; null for one of something else.</summary>
    public static FetchProgress? Parse(string line)
    {
        try
        {
            return line is ['{', ..] && JsonSerializer.Deserialize<Line>(line, Format) is { Event: "progress" } said ? new(said.Bytes, said.Total, said.BytesPerSecond) : null;
        }
        catch (JsonException)
        {
            return null; // a line of the program's own log, which may look like anything
        }
    }

    private sealed record Line(string? Event, long Bytes, long? Total, long BytesPerSecond);
}
