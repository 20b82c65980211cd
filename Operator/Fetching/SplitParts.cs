using LlmKube.Operator.Entities;
using LlmKube.Operator.Gguf;

namespace LlmKube.Operator.Fetching;

/// <summary>What is known of one file of an artefact.</summary>
/// <param name="Name">Its path below the artefact's folder.</param>
/// <param name="ListedAs">How the source calls it.</param>
/// <param name="Split">Which part its header says that it is.</param>
/// <param name="Gguf">What else its header says; null: it is no GGUF file.</param>
internal sealed record SplitPart(string Name, string ListedAs, GgufSplit? Split, GgufMetadata? Gguf);

/// <summary>Holds the headers of a split model's parts against each other: llama.cpp loads parts of one split alone, and tells so only when it serves.</summary>
internal static class SplitParts
{
    /// <summary>Checks that a file is the part that its name says.</summary>
    /// <param name="part">The file.</param>
    /// <param name="split">What its header says.</param>
    /// <exception cref="FetchFailure">It is another one, or none.</exception>
    public static void CheckPart(ArtifactPart part, GgufSplit? split)
    {
        if (ArtifactPlan.SplitOf(part.Name) is not { Parts: > 1 } name) return;
        if (split is null) throw Refused($"{part.ListedAs} has the name of part {name.Part} of {name.Parts}, and its header says nothing of parts (no split.count)");
        if (split.Part != name.Part - 1 || split.Parts != name.Parts)
        {
            throw Refused($"{part.ListedAs} has the name of part {name.Part} of {name.Parts}, and by its header (split.no, split.count) is part {split.Part + 1} of {split.Parts}");
        }
    }

    /// <summary>Checks that the parts of each split model among some files are of one split, and all of it.</summary>
    /// <exception cref="FetchFailure">They are not.</exception>
    public static void CheckWhole(IEnumerable<SplitPart> files)
    {
        foreach (var split in files.GroupBy(f => ArtifactPlan.SplitOf(f.Name) is { Parts: > 1 } name ? (name.Before, name.Parts) : default).Where(g => g.Key != default)) CheckOne([.. split]);
    }

    private static void CheckOne(IReadOnlyList<SplitPart> parts)
    {
        Same("split.tensors.count", p => p.Split?.Tensors);
        Same("general.architecture", p => p.Gguf?.Architecture);
        Same("general.name", p => p.Gguf?.ModelName);
        var there = parts.Sum(p => p.Gguf?.TensorCount ?? 0);
        if (parts.Select(p => p.Split?.Tensors).FirstOrDefault(t => t is not null) is { } all && all != there)
        {
            throw Refused($"the {parts.Count} parts that {parts[0].ListedAs} belongs to have {there} tensors together, and should have {all} (split.tensors.count)");
        }

        // Most keys are in the first part alone.
        void Same(string key, Func<SplitPart, object?> value)
        {
            SplitPart[] saying = [.. parts.Where(p => value(p) is not null)];
            if (saying.FirstOrDefault(p => !value(p)!.Equals(value(saying[0]))) is { } other)
            {
                throw Refused($"{saying[0].ListedAs} and {other.ListedAs} are parts of different models: {key} is {value(saying[0])} in the one, and {value(other)} in the other");
            }
        }
    }

    private static FetchFailure Refused(string words) => new(Reasons.NotGguf, words, TryAgain.WhenChanged);
}
