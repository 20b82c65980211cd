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
/// A Kubernetes resource quantity: an exact number with nine digits behind the point; finer input is rounded away from zero.
/// What is accepted and how it is written is as in the real server, its oddities included.
/// </summary>
internal readonly record struct Quantity : IComparable<Quantity>
{
    private const string Rule = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    // The real server keeps powers of ten up to 2^31; beyond this one, values are no longer told apart here.
    private const int MostPower = 1_000;

    private static readonly BigInteger NanosPerUnit = 1_000_000_000;
    private static readonly BigInteger MostBinary = NanosPerUnit * long.MaxValue;
    private static readonly string[] BinarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private static readonly string[] DecimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

    private readonly string? _kept;

    private Quantity(BigInteger nanos, QuantityFormat format, string? kept)
    {
        Nanos = nanos;
        Format = format;
        _kept = kept;
    }

    /// <summary>The value in billionths.</summary>
    public BigInteger Nanos { get; }

    public QuantityFormat Format { get; }

    /// <exception cref="FormatException">The text is no quantity; the message is the real server's.</exception>
    public static Quantity Parse(string text) => TryParse(text, out var quantity) ? quantity : throw new FormatException(Rule);

    public static bool TryParse(string? text, out Quantity quantity)
    {
        quantity = default;
        if (string.IsNullOrEmpty(text) || QuantityText.Split(text) is not { } parts || ReadSuffix(parts.Suffix) is not { } suffix)
        {
            return false;
        }

        var isShort = IsShort(parts, suffix);
        if (!isShort && !parts.HasDigits)
        {
            return false;
        }

        var digits = BigInteger.Parse(parts.Digits, NumberStyles.None, CultureInfo.InvariantCulture);
        var nanos = Scale(digits * suffix.Factor, (long)suffix.Power - parts.Fraction.Length + 9);
        var format = suffix.Format;
        if (!isShort && format is QuantityFormat.Binary)
        {
            nanos = BigInteger.Min(nanos, MostBinary);
            format = nanos < NanosPerUnit && !nanos.IsZero ? QuantityFormat.Decimal : format;
        }

        quantity = new(parts.IsNegative ? -nanos : nanos, format, isShort && IsKept(parts, suffix, digits) ? text : null);
        return true;
    }

    public static int Compare(string left, string right) => Parse(left).CompareTo(Parse(right));

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
        if (_kept is not null || Nanos.IsZero)
        {
            return _kept ?? "0";
        }

        if (Format is QuantityFormat.Binary && BigInteger.Abs(Nanos) >= 1024 * NanosPerUnit && Nanos % NanosPerUnit == 0)
        {
            var (units, times) = WithoutFactors(Nanos / NanosPerUnit, 1024);
            return $"{units}{BinarySuffixes[times]}";
        }

        var (number, steps) = WithoutFactors(Nanos, 1000);
        var power = (3 * steps) - 9;

        // Beyond 10^18 there is no suffix, and the real server leaves it out: 1000E comes back as 1.
        return Format is QuantityFormat.Exponent ? $"{number}{(power is 0 ? "" : $"e{power}")}" : $"{number}{DecimalSuffixes.ElementAtOrDefault(steps)}";
    }

    private static (BigInteger Factor, int Power, QuantityFormat Format)? ReadSuffix(string suffix)
    {
        if (suffix is not "" && Array.IndexOf(BinarySuffixes, suffix) is var binary and > 0)
        {
            return (BigInteger.Pow(1024, binary), 0, QuantityFormat.Binary);
        }

        if (Array.IndexOf(DecimalSuffixes, suffix) is var step and >= 0)
        {
            return (1, (3 * step) - 9, QuantityFormat.Decimal);
        }

        // An exponent beyond 32 bits wraps around in the real server too.
        return suffix[0] is 'e' or 'E' && long.TryParse(suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power)
            ? (1, unchecked((int)power), QuantityFormat.Exponent)
            : null;
    }

    // Whether the real server reads it into 64 bits: only then it may keep the text, takes no digits for zero, and caps nothing.
    private static bool IsShort(QuantityText parts, (BigInteger Factor, int Power, QuantityFormat Format) suffix)
    {
        if (suffix.Format is QuantityFormat.Binary)
        {
            var power = (int)suffix.Factor.GetBitLength() - 1;
            return parts.Fraction is "" && 14 - parts.Whole.Length - (power * 3 / 10) >= 0;
        }

        return parts.Digits.Length <= 18 && suffix.Power - (long)parts.Fraction.Length >= -9;
    }

    private static bool IsKept(QuantityText parts, (BigInteger Factor, int Power, QuantityFormat Format) suffix, BigInteger digits) =>
        suffix.Format is QuantityFormat.Binary
            ? digits % 8 != 0
            : (suffix.Power - parts.Fraction.Length) % 3 is 0 && !parts.Digits.EndsWith("000", StringComparison.Ordinal) && parts.Digits[0] is not '0';

    private static BigInteger Scale(BigInteger number, long power)
    {
        if (power >= 0 || number.IsZero)
        {
            return number * BigInteger.Pow(10, (int)Math.Clamp(power, 0, MostPower));
        }

        if (-power > number.GetBitLength())
        {
            return 1;
        }

        var (quotient, remainder) = BigInteger.DivRem(number, BigInteger.Pow(10, (int)-power));
        return remainder.IsZero ? quotient : quotient + 1;
    }

    private static (BigInteger Number, int Times) WithoutFactors(BigInteger number, int factor)
    {
        var times = 0;
        for (; number % factor == 0; times++)
        {
            number /= factor;
        }

        return (number, times);
    }
}
