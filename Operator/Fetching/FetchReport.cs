using System.Text;
using System.Text.Json;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Fetching;

/// <summary>What a fetch has to tell in the end. It travels as the container's termination message.</summary>
internal sealed record FetchReport
{
    /// <summary>True: the artefact is complete, verified and in its place.</summary>
    public required bool Complete { get; init; }

    /// <summary>True: it was there already, with its completion marker.</summary>
    public bool Cached { get; init; }

    /// <summary>Of the whole file, in 64 hexadecimal digits.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The file's size.</summary>
    public long? Bytes { get; init; }

    /// <summary>Bytes that this run transferred.</summary>
    public long? Transferred { get; init; }

    /// <summary>How long this run took.</summary>
    public double? Seconds { get; init; }

    /// <summary>Times that the fetch went on where it had stopped.</summary>
    public int? Resumes { get; init; }

    /// <summary>What the file's header says.</summary>
    public GgufMetadata? Gguf { get; init; }

    /// <summary>What the artefact is made of; null: of one file.</summary>
    public FetchedFiles? Files { get; init; }

    /// <summary>The ETag with which the source's own host answered.</summary>
    public string? ETag { get; init; }

    /// <summary>The length that it told.</summary>
    public long? ContentLength { get; init; }

    /// <summary>Why it failed, one of <see cref="Reasons"/>; null: for a reason that nobody has foreseen.</summary>
    public string? Reason { get; init; }

    /// <summary>What happened, with the server's words.</summary>
    public string? Message { get; init; }

    /// <summary>True: trying again makes no sense before the source or the spec has changed.</summary>
    public bool Terminal { get; init; }

    /// <summary>The report of a failure.</summary>
    public static FetchReport Of(FetchFailure failure) => new()
    {
        Complete = false,
        Reason = failure.Reason,
        Message = failure.Message,
        Terminal = failure.TryAgain is TryAgain.WhenChanged,
    };

    /// <summary>The report of a failure that nobody has foreseen. It is taken for one that may pass.</summary>
    /// <param name="exception">What went wrong.</param>
    /// <param name="words">Its message, without secrets.</param>
    public static FetchReport Of(Exception exception, string words) => new() { Complete = false, Message = $"the fetch ended with {exception.GetType().Name}: {words}" };
}

/// <summary>The files of an artefact of several.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Names">The first of them, as many as a report has room for, as paths in the artefact's folder.</param>
internal sealed record FetchedFiles(int Count, IReadOnlyList<string> Names)
{
    /// <summary>The most that are named.</summary>
    public const int MostNames = 16;
}

/// <summary>Writes and reads reports as termination messages, of which Kubernetes keeps 4096 bytes.</summary>
internal static class TerminationMessage
{
    /// <summary>The most that is written.</summary>
    public const int MaxBytes = 3_999;

    /// <summary>Where Kubernetes looks for it.</summary>
    public const string DefaultPath = "/dev/termination-log";

    /// <summary>The report as text; texts that come from elsewhere are cut until it fits.</summary>
    public static string Format(FetchReport report)
    {
        for (var longest = 1_024; ; longest /= 2)
        {
            var text = JsonSerializer.Serialize(Cut(report, longest), JsonFile.Format);
            if (Encoding.UTF8.GetByteCount(text) <= MaxBytes) return text;
        }
    }

    /// <summary>Writes the report to an output, and to a file.</summary>
    /// <param name="report">The report.</param>
    /// <param name="path">The file; null: where Kubernetes looks for it, if that exists.</param>
    /// <param name="output">The output.</param>
    public static async Task WriteAsync(FetchReport report, string? path, TextWriter output)
    {
        var message = Format(report);
        await output.WriteLineAsync(message);
        if ((path ?? (File.Exists(DefaultPath) ? DefaultPath : null)) is { } file) await File.WriteAllTextAsync(file, message, CancellationToken.None);
    }

    /// <summary>A report from text; null if it is none (a crash leaves other words, a kill none).</summary>
    public static FetchReport? TryParse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        try
        {
            return JsonSerializer.Deserialize<FetchReport>(text, JsonFile.Format);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Half an ETag or a name is another one: they are there whole or not at all.
    private static FetchReport Cut(FetchReport report, int longest) => report with
    {
        Message = Shortened.Text(report.Message, longest),
        Gguf = Shortened.Of(report.Gguf, longest / 4),
        Files = report.Files is { Names: { } names } files ? files with { Names = [.. names.Take(Math.Min(longest / 64, FetchedFiles.MostNames))] } : null,
        ETag = report.ETag?.Length > longest / 4 ? null : report.ETag,
    };
}
