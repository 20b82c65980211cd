using System.Text.RegularExpressions;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>A value that can't be honoured.</summary>
/// <param name="Path">The field, for instance <c>spec.resources.memory</c>.</param>
/// <param name="Problem">What is wrong and what would be right.</param>
internal sealed record FieldError(string Path, string Problem)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Problem}";
}

/// <summary>The checks that validators of specs are made of. Each gives the problems of one field.</summary>
internal static partial class FieldChecks
{
    /// <summary>The problem, unless it holds.</summary>
    public static FieldError[] Check(bool holds, string path, string problem) => holds ? [] : [new(path, problem)];

    /// <summary>A number within bounds, both included, or none.</summary>
    public static FieldError[] InRange(string path, int? value, int least, int most) =>
        Check(value is null || (value >= least && value <= most), path, $"must be from {least} to {most}, got {value}");

    /// <summary>One of several words, or none.</summary>
    public static FieldError[] OneOf(string path, string? value, params string[] allowed) =>
        Check(value is null or "" || allowed.Contains(value), path, $"must be one of {string.Join(", ", allowed)}, got \"{value}\"");

    /// <summary>A quantity that pods can ask for, or none.</summary>
    public static FieldError[] Quantity(string path, string? value) => Check(
        value is null or "" || QuantityValue.IsUsable(value),
        path,
        $"must be a quantity such as 500m or 4Gi, below 2^63, got \"{value}\"");

    /// <summary>At most so many entries of a list or map.</summary>
    public static FieldError[] AtMost(string path, int? count, int most) => Check(count is null || count <= most, path, $"must have at most {most} entries, has {count}");

    /// <summary>True for what most kinds are named by.</summary>
    public static bool IsSubdomain(string? text) => FlagValues.IsSubdomain(text ?? "");

    /// <summary>True for the key of a label or an annotation.</summary>
    public static bool IsLabelKey(string? text) => LabelKey().IsMatch(text ?? "");

    /// <summary>True for the value of a label.</summary>
    public static bool IsLabelValue(string? text) => LabelValue().IsMatch(text ?? "");

    [GeneratedRegex(@"^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\z")]
    private static partial Regex LabelKey();

    [GeneratedRegex(@"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\z")]
    private static partial Regex LabelValue();
}
