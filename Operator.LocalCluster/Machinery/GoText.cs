using System.Globalization;
using System.Text;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Values in messages and keys, written as the real server's language writes them.</summary>
internal static class GoText
{
    /// <summary>%q: a quoted string.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            quoted.Append(rune.Value switch
            {
                '"' => "\\\"",
                '\\' => @"\\",
                '\a' => "\\a",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\v' => "\\v",
                < 0x20 or 0x7f => string.Create(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                _ => rune.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A string as encoding/json writes it.</summary>
    public static string Json(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            quoted.Append(rune.Value switch
            {
                '"' => "\\\"",
                '\\' => @"\\",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < 0x20 or '<' or '>' or '&' or 0x2028 or 0x2029 => string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => rune.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>%v of a float64: the shortest text that reads back, exponents from 1e21 on.</summary>
    public static string Float(double value)
    {
        var size = Math.Abs(value);
        if (size is 0 or (>= 1e-4 and < 1e21))
        {
            return value.ToString("0.#################################", CultureInfo.InvariantCulture) is var plain
                && double.Parse(plain, CultureInfo.InvariantCulture) == value ? plain : ((decimal)value).ToString(CultureInfo.InvariantCulture);
        }

        var text = value.ToString("E16", CultureInfo.InvariantCulture);
        for (var digits = 0; digits < 17; digits++)
        {
            var shorter = value.ToString("E" + digits, CultureInfo.InvariantCulture);
            if (double.Parse(shorter, CultureInfo.InvariantCulture) == value)
            {
                text = shorter;
                break;
            }
        }

        var at = text.IndexOf('E', StringComparison.Ordinal);
        if (at < 0)
        {
            return double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
        }

        var exponent = text[(at + 2)..].TrimStart('0').PadLeft(2, '0');
        return $"{text[..at]}e{text[at + 1]}{exponent}";
    }
}
