using CsCheck;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery.Texts;

/// <summary>Label and field selectors that are some, that almost are, and that aren't; and what to try them on.</summary>
internal static class SelectorTexts
{
    // Few, so that they meet; some mean something in the notation.
    private static readonly string[] Keys = ["app", "size", "in", "notin", "a.test/part", "x-y_z.1"];
    private static readonly string[] Values = ["", "web", "1", "2", "10", "in", "a.b_c"];
    private static readonly string[] Fields = ["metadata.name", "metadata.namespace", "status.phase"];

    private static readonly Gen<string> Blank = Gen.Frequency((6, Gen.Const("")), (2, Gen.Const(" ")), (1, Gen.OneOf("\t", "\n", "\r", "  ")));

    private static readonly Gen<string> Key = Gen.Frequency(
        (20, Gen.OneOf(Keys)),
        (1, Gen.OneOf("-a", "a-", "a/", "/a", "A.test/x", "a/b/c", "a..b/c", new string('k', 63), new string('k', 64), $"{new string('d', 253)}/k", $"{new string('d', 254)}/k", "é")));

    private static readonly Gen<string> Value = Gen.Frequency((20, Gen.OneOf(Values)), (1, Gen.OneOf("-a", "a.", "a/b", "a b", new string('v', 63), new string('v', 64), "ü")));

    private static readonly Gen<string> Requirement = Gen.OneOf(
        Key,
        Gen.Select(Blank, Key, (blank, key) => $"!{blank}{key}"),
        Gen.Select(Key, Blank, Gen.OneOf("=", "==", "!=", ">", "<"), Blank, Value, (key, before, sign, behind, value) => key + before + sign + behind + value),
        Gen.Select(Key, Gen.OneOf("in", "notin"), Blank, Gen.Select(Blank, Value, Blank, (before, value, behind) => before + value + behind).Array[0, 3], (key, word, blank, values) =>
            $"{key} {word}{blank}({string.Join(',', values)})"));

    private static readonly Gen<string> FieldValue = Gen.Frequency((9, Gen.OneOf("", "a", "b", "default")), (1, Gen.OneOf(@"a\,b", @"a\=b", @"a\\b", @"\", @"a\x", " a")));

    /// <summary>Right but for a key or a value that may not be one.</summary>
    public static Gen<string> Label { get; } = Joined(Gen.Select(Blank, Requirement, Blank, (before, requirement, behind) => before + requirement + behind));

    /// <summary>Anything without U+0000, at which the real server's reader takes the text for ended.</summary>
    public static Gen<string> AnyLabel { get; } = Gen.Frequency(
        (5, Label),
        (4, Spoiled.From(Label, "ab1.-/=!<>(), in\t_")),
        (1, Gen.String[Gen.Char["ab1.-/=!<>(), in\\\u00a0"], 0, 14]),
        (1, Gen.String.Select(text => text.Replace('\0', ' '))));

    public static Gen<Dictionary<string, string>> Labels { get; } = Gen
        .Select(Gen.OneOf(Keys), Gen.OneOf(Values)).Array[0, 4]
        .Select(labels => labels.DistinctBy(label => label.Item1).ToDictionary(label => label.Item1, label => label.Item2));

    public static Gen<string> Field { get; } = Joined(Gen.Select(Gen.OneOf(Fields), Gen.OneOf("=", "==", "!="), FieldValue, (field, sign, value) => field + sign + value));

    public static Gen<string> AnyField { get; } = Gen.Frequency(
        (5, Field),
        (4, Spoiled.From(Field, "ab.=!, \\")),
        (1, Gen.String[Gen.Char["ab.=!, \\"], 0, 10]),
        (1, Gen.String));

    public static Gen<Dictionary<string, string>> FieldsOfOne { get; } = Gen
        .Select(Gen.OneOf("a", "b", "a,b", "a=b"), Gen.OneOf("", "default"), Gen.OneOf("", "a"))
        .Select((name, @namespace, phase) => new Dictionary<string, string> { [Fields[0]] = name, [Fields[1]] = @namespace, [Fields[2]] = phase });

    private static Gen<string> Joined(Gen<string> terms) => terms.Array[0, 3].Select(all => string.Join(',', all));
}
