using System.Buffers;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>The parts of a quantity's text.</summary>
/// <param name="IsNegative">Begins with a minus.</param>
/// <param name="Whole">The digits before the point, without leading zeros; 0 if there are none.</param>
/// <param name="Fraction">The digits behind the point.</param>
/// <param name="Suffix">What follows the number.</param>
/// <param name="HasDigits">Whether there are digits at all: the real server takes "m" for 0m.</param>
internal sealed record QuantityText(bool IsNegative, string Whole, string Fraction, string Suffix, bool HasDigits)
{
    private static readonly SearchValues<char> AsciiDigits = SearchValues.Create("0123456789");
    private static readonly SearchValues<char> SuffixLetters = SearchValues.Create("eEinumkKMGTP");

    /// <summary>All digits, as one number.</summary>
    public string Digits => Whole + Fraction;

    /// <summary>Takes a text apart; null if something is left over. Whether the suffix is one is not asked here.</summary>
    public static QuantityText? Split(string text)
    {
        var rest = text.AsSpan();
        var isNegative = rest is ['-', ..];
        if (rest is ['-' or '+', ..])
        {
            rest = rest[1..];
        }

        var whole = Take(ref rest, AsciiDigits);
        var fraction = ReadOnlySpan<char>.Empty;
        if (rest is ['.', ..])
        {
            rest = rest[1..];
            fraction = Take(ref rest, AsciiDigits);
        }

        var suffix = rest;
        Take(ref rest, SuffixLetters);
        if (rest is ['-' or '+', ..])
        {
            rest = rest[1..];
        }

        Take(ref rest, AsciiDigits);
        var significant = whole.TrimStart('0');
        return rest.IsEmpty
            ? new(isNegative, significant.IsEmpty ? "0" : significant.ToString(), fraction.ToString(), suffix.ToString(), !(whole.IsEmpty && fraction.IsEmpty))
            : null;
    }

    private static ReadOnlySpan<char> Take(scoped ref ReadOnlySpan<char> rest, SearchValues<char> characters)
    {
        var length = rest.IndexOfAnyExcept(characters) is var end and >= 0 ? end : rest.Length;
        var taken = rest[..length];
        rest = rest[length..];
        return taken;
    }
}
