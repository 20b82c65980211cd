using System.Text;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Fetching;

/// <summary>Texts that come from elsewhere, made to fit where room is short.</summary>
internal static class Shortened
{
    /// <summary>A header whose texts have at most so many characters each, and three dots where more was.</summary>
    public static GgufMetadata? Of(GgufMetadata? header, int longest) => header is null ? null : header with
    {
        Architecture = Text(header.Architecture, longest),
        ModelName = Text(header.ModelName, longest),
        License = Text(header.License, longest),
        Quantization = Text(header.Quantization, longest),
    };

    /// <summary>A text of at most so many characters, and three dots where more was. Control characters become spaces: as JSON they would each take six bytes.</summary>
    public static string? Text(string? text, int longest)
    {
        if (text is null) return null;
        var clean = string.Concat(text.EnumerateRunes().Select(r => Rune.IsControl(r) ? " " : r.ToString()));
        if (clean.Length <= longest) return clean;

        // Half a surrogate pair is no text.
        var end = char.IsHighSurrogate(clean[longest - 1]) ? longest - 1 : longest;
        return clean[..end] + "...";
    }
}
