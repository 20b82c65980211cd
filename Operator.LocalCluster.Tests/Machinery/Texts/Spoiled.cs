using CsCheck;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery.Texts;

/// <summary>Texts that are almost right.</summary>
internal static class Spoiled
{
    /// <summary>Up to three characters of an alphabet put in, put over others, or taken out.</summary>
    public static Gen<string> From(Gen<string> texts, string alphabet) => Gen
        .Select(texts, Gen.Select(Gen.Int[0, 200], Gen.Int[0, 2], Gen.Char[alphabet]).Array[1, 3])
        .Select((text, edits) => edits.Aggregate(text, (now, edit) => Edit(now, edit.Item1 % (now.Length + 1), edit.Item2, edit.Item3)));

    private static string Edit(string text, int at, int kind, char character) => kind switch
    {
        0 => text.Insert(at, $"{character}"),
        1 when at < text.Length => text.Remove(at, 1),
        _ when at < text.Length => $"{text[..at]}{character}{text[(at + 1)..]}",
        _ => text + character,
    };
}
