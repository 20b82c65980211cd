using CsCheck;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery.Texts;

/// <summary>Texts that are quantities by the Kubernetes grammar, that almost are, and that aren't.</summary>
internal static class QuantityTexts
{
    private const string Alphabet = "0123456789.eE+-kKMGTPmnui x";

    private static readonly Gen<string> Digits = Gen.OneOf(
        Gen.Int[0, 9_999].Select(number => $"{number}"),
        Gen.OneOf("0", "00", "007", "100", "1000", "1024", "1048576", "500000", "999999999", "1000000000", "9223372036854775807", "9223372036854775808"),
        Gen.String[Gen.Char['0', '9'], 1, 25]);

    private static readonly Gen<string> Numbers = Gen.OneOf(
        Digits,
        Digits.Select(whole => whole + "."),
        Digits.Select(fraction => "." + fraction),
        Gen.Select(Digits, Digits, (whole, fraction) => $"{whole}.{fraction}"));

    private static readonly Gen<string> Suffixes = Gen.OneOf(
        Gen.OneOf("", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"),
        Gen.Select(Gen.OneOf("e", "E"), Gen.OneOf("", "+", "-"), Gen.Int[0, 40], (letter, sign, power) => $"{letter}{sign}{power}"));

    public static Gen<string> Valid { get; } = Gen.Select(Gen.OneOf("", "", "", "+", "-"), Numbers, Suffixes, (sign, number, suffix) => sign + number + suffix);

    public static Gen<string> Any { get; } = Gen.Frequency(
        (4, Valid),
        (4, Spoiled.From(Valid, Alphabet)),
        (2, Gen.String[Gen.Char[Alphabet], 0, 12]),
        (1, Gen.String));
}
