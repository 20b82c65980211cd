using System.Text.RegularExpressions;
using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Models;

/// <summary>
/// What failed runs say, in words that stay the same for as long as the cause does: a status that changed with each run would be written, and told
/// as another Event, each time. The numbers are in the log of the run's pod.
/// </summary>
internal static partial class StableWords
{
    private static readonly (Regex Changing, string Lasting)[] Words =
    [
        (EndedAt(), "ended early"),
        (Space(), "the cache volume has less free than is still to come"),
        (Shorter(), "is shorter than before"),
        (MoreExpected(), "more bytes expected"),
        (AtByte(), ""),
        (Id(), "..."),
    ];

    /// <summary>The words of a failed run. One that nothing follows speaks once, and is not changed.</summary>
    /// <param name="report">What it said.</param>
    public static string Of(FetchReport report)
    {
        var message = report.Message ?? "";
        return ModelStatuses.IsFinal(report) ? message : Words.Aggregate(message, (text, words) => words.Changing.Replace(text, words.Lasting));
    }

    [GeneratedRegex("ended at byte [0-9]+")]
    private static partial Regex EndedAt();

    [GeneratedRegex("[0-9]+ bytes are still to come and the cache volume has [0-9]+ free")]
    private static partial Regex Space();

    [GeneratedRegex("has no byte [0-9]+ any more")]
    private static partial Regex Shorter();

    [GeneratedRegex("(at least )?[0-9]+ additional bytes expected")]
    private static partial Regex MoreExpected();

    [GeneratedRegex(" at byte [0-9]+")]
    private static partial Regex AtByte();

    // Servers name requests in their answers: a UUID, or many digits of which some are such. A SHA-256 stays, which is 64 of them.
    [GeneratedRegex(@"\b(?![0-9a-fA-F]{64}\b)(?=[A-Za-z]*[0-9])([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9A-Fa-f]{12,}|[0-9A-Z]{16,})\b")]
    private static partial Regex Id();
}
