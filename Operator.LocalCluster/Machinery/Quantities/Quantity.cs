using System.Buffers;
using System.Globalization;
using System.Numerics;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>How a quantity is written.</summary>
internal enum QuantityFormat
{
    /// <summary>Powers of 1000: 500m, 5k, 2G.</summary>
    Decimal,

    /// <summary>Powers of 1024: 512Mi.</summary>
    Binary,

    /// <summary>Powers of ten: 5e3.</summary>
    Exponent,
}

/// <summary>
/// A Kubernetes resource quantity: an exact number with nine digits behind the point; finer input is rounded away from zero,
/// larger than 2^63-1 is cut to it, both as in the real server.
/// </summary>
internal readonly record struct Quantity : IComparable<Quantity>
{
    private const string Rule = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");
    private static readonly BigInteger NanosPerUnit = 1_000_000_000;
    private static readonly BigInteger Most = NanosPerUnit * long.MaxValue;
    private static readonly string[] BinarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private static readonly string[] DecimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

    private Quantity(BigInteger nanos, QuantityFormat format)
    {
        Nanos = nanos;
        Format = format;
    }

    /// <summary>The value in billionths.</summary>
    public BigInteger Nanos { get; }

    public QuantityFormat Format { get; }

    public static Quantity Zero { get; }

    /// <exception cref="FormatException">The text is no quantity; the message is the real server's.</exception>
    public static Quantity Parse(string text) => TryParse(text, out var quantity) ? quantity : throw new FormatException(Rule);

    public static bool TryParse(string? text, out Quantity quantity)
    {
        quantity = default;
        var rest = text ?? "";
        var negative = rest.StartsWith('-');
        if (negative || rest.StartsWith('+'))
        {
            rest = rest[1..];
        }

        var length = rest.AsSpan().IndexOfAnyExcept(NumberCharacters);
        var number = length < 0 ? rest : rest[..length];
        var point = number.IndexOf('.', StringComparison.Ordinal);
        if (number is "" or "." || (point >= 0 && number.IndexOf('.', point + 1) >= 0) || ReadSuffix(rest[number.Length..]) is not { } suffix)
        {
            return false;
        }

        var digits = number.Replace(".", "", StringComparison.Ordinal);
        var mantissa = BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture) * suffix.Factor;
        var exponent = suffix.Power + 9 - (point < 0 ? 0 : number.Length - 1 - point);
        var nanos = Scale(mantissa, exponent);
        quantity = new(negative ? -nanos : nanos, suffix.Format);
        return true;
    }

    public static Quantity Of(long value) => new(NanosPerUnit * value, QuantityFormat.Decimal);

    public static int Compare(string left, string right) => Parse(left).CompareTo(Parse(right));

    public static Quantity operator +(Quantity left, Quantity right) =>
        new(left.Nanos + right.Nanos, left.Nanos.IsZero ? right.Format : left.Format);

    public static Quantity operator -(Quantity left, Quantity right) =>
        new(left.Nanos - right.Nanos, left.Nanos.IsZero ? right.Format : left.Format);

    public static bool operator <(Quantity left, Quantity right) => left.CompareTo(right) < 0;

    public static bool operator >(Quantity left, Quantity right) => left.CompareTo(right) > 0;

    public static bool operator <=(Quantity left, Quantity right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Quantity left, Quantity right) => left.CompareTo(right) >= 0;

    public int CompareTo(Quantity other) => Nanos.CompareTo(other.Nanos);

    /// <summary>Equal when the values are: 1 and 1000m.</summary>
    public bool Equals(Quantity other) => Nanos == other.Nanos;

    public override int GetHashCode() => Nanos.GetHashCode();

    /// <summary>The canonical form: no fraction, the largest suffix that keeps the number whole.</summary>
    public override string ToString()
    {
        if (Nanos.IsZero)
        {
            return "0";
        }

        if (Format is QuantityFormat.Binary && BigInteger.Abs(Nanos) >= 1024 * NanosPerUnit)
        {
            var units = Divide(Nanos, NanosPerUnit);
            var suffix = 0;
            for (; units % 1024 == 0 && suffix < BinarySuffixes.Length - 1; suffix++)
            {
                units /= 1024;
            }

            return $"{units}{BinarySuffixes[suffix]}";
        }

        var number = Nanos;
        var step = 0;
        for (; number % 1000 == 0 && step < DecimalSuffixes.Length - 1; step++)
        {
            number /= 1000;
        }

        var power = (3 * step) - 9;
        return Format is not QuantityFormat.Exponent ? $"{number}{DecimalSuffixes[step]}" : power is 0 ? $"{number}" : $"{number}e{power}";
    }

    private static (BigInteger Factor, int Power, QuantityFormat Format)? ReadSuffix(string suffix)
    {
        if (suffix is "")
        {
            return (1, 0, QuantityFormat.Decimal);
        }

        if (Array.IndexOf(BinarySuffixes, suffix) is var binary and > 0)
        {
            return (BigInteger.Pow(1024, binary), 0, QuantityFormat.Binary);
        }

        if (Array.IndexOf(DecimalSuffixes, suffix) is var step and >= 0)
        {
            return (1, (3 * step) - 9, QuantityFormat.Decimal);
        }

        return suffix[0] is 'e' or 'E' && int.TryParse(suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power)
            ? (1, power, QuantityFormat.Exponent)
            : null;
    }

    private static BigInteger Scale(BigInteger mantissa, int power)
    {
        if (mantissa.IsZero)
        {
            return 0;
        }

        // An exponent from outside may be huge; nothing beyond these leaves the range in which the answer is still open.
        return power switch
        {
            > 40 => Most,
            >= 0 => BigInteger.Min(mantissa * BigInteger.Pow(10, power), Most),
            > -400 => BigInteger.Min(Divide(mantissa, BigInteger.Pow(10, -power)), Most),
            _ => 1,
        };
    }

    private static BigInteger Divide(BigInteger dividend, BigInteger divisor)
    {
        var quotient = BigInteger.DivRem(dividend, divisor, out var remainder);
        return remainder.IsZero ? quotient : quotient + dividend.Sign;
    }
}
