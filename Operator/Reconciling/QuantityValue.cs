using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace LlmKube.Operator.Reconciling;

/// <summary>Kubernetes quantities (<c>500m</c>, <c>4Gi</c>, <c>1e3</c>) from users' strings: checked, and compared by value, without exceptions.</summary>
internal static partial class QuantityValue
{
    // In nano units: the API keeps no finer value than that.
    private static readonly Dictionary<string, BigInteger> Suffixes = new()
    {
        ["n"] = 1,
        ["u"] = 1_000,
        ["m"] = 1_000_000,
        [""] = BigInteger.Pow(10, 9),
        ["k"] = BigInteger.Pow(10, 12),
        ["M"] = BigInteger.Pow(10, 15),
        ["G"] = BigInteger.Pow(10, 18),
        ["T"] = BigInteger.Pow(10, 21),
        ["P"] = BigInteger.Pow(10, 24),
        ["E"] = BigInteger.Pow(10, 27),
        ["Ki"] = BigInteger.Pow(10, 9) << 10,
        ["Mi"] = BigInteger.Pow(10, 9) << 20,
        ["Gi"] = BigInteger.Pow(10, 9) << 30,
        ["Ti"] = BigInteger.Pow(10, 9) << 40,
        ["Pi"] = BigInteger.Pow(10, 9) << 50,
        ["Ei"] = BigInteger.Pow(10, 9) << 60,
    };

    // The API keeps greater decimal ones, but nothing that counts with them in 64 bits does.
    private static readonly BigInteger Greatest = BigInteger.Pow(10, 9) * long.MaxValue;

    /// <summary>The value in nano units, rounded up as the API does; false if the text is not a quantity.</summary>
    public static bool TryParse(string? text, out BigInteger nano)
    {
        nano = default;
        if (text is null || text.Length > 64 || Form().Match(text) is not { Success: true } match) return false;
        var fraction = match.Groups["fraction"].Value;
        var digits = BigInteger.Parse(match.Groups["whole"].Value + fraction + "0", CultureInfo.InvariantCulture);
        var scale = fraction.Length + 1;
        BigInteger unit;
        if (match.Groups["exponent"] is { Success: true } exponent)
        {
            if (!int.TryParse(exponent.Value, CultureInfo.InvariantCulture, out var power) || power is < -30 or > 30) return false;
            unit = BigInteger.Pow(10, 9);
            if (power >= 0) unit *= BigInteger.Pow(10, power);
            else scale -= power;
        }
        else
        {
            unit = Suffixes[match.Groups["suffix"].Value];
        }

        var divisor = BigInteger.Pow(10, scale);
        var value = ((digits * unit) + divisor - 1) / divisor;
        nano = match.Groups["sign"].Value == "-" ? -value : value;
        return true;
    }

    /// <summary>True for a quantity that is not negative and that the API can hold.</summary>
    public static bool IsUsable(string? text) => TryParse(text, out var nano) && nano >= 0 && nano <= Greatest;

    /// <summary>True for a quantity above zero that the API can hold.</summary>
    public static bool IsPositive(string? text) => IsUsable(text) && TryParse(text, out var nano) && nano > 0;

    /// <summary>The value in whole units, rounded down; null unless it is above zero and the API can hold it.</summary>
    public static long? Bytes(string? text) => IsPositive(text) && TryParse(text, out var nano) ? (long)(nano / BigInteger.Pow(10, 9)) : null;

    [GeneratedRegex(@"^(?<sign>[+-]?)(?=\.?[0-9])(?<whole>[0-9]*)(?:\.(?<fraction>[0-9]*))?(?:[eE](?<exponent>[+-]?[0-9]+)|(?<suffix>n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
