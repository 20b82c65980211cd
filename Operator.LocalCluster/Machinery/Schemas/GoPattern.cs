using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>
/// Regular expressions of schemas, which are written for Go's RE2: ASCII classes, <c>$</c> means the very end, linear time.
/// </summary>
internal static class GoPattern
{
    private static readonly ConcurrentDictionary<string, Regex?> Compiled = new();

    /// <summary>A pattern that is none matches nothing.</summary>
    public static bool IsMatch(string pattern, string text) => Compile(pattern)?.IsMatch(text) ?? false;

    public static bool IsValid(string pattern) => Compile(pattern) is not null;

    private static Regex? Compile(string pattern) => Compiled.GetOrAdd(pattern, static source =>
    {
        try
        {
            return new(Translate(source), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception notAPattern) when (notAPattern is ArgumentException or NotSupportedException)
        {
            return null;
        }
    });

    private static string Translate(string pattern)
    {
        var result = new StringBuilder();
        var inClass = false;
        for (var at = 0; at < pattern.Length; at++)
        {
            var rest = pattern.AsSpan(at);
            if (rest[0] is '\\' && rest.Length > 1)
            {
                result.Append((rest[1], inClass) switch
                {
                    ('d', true) => "0-9",
                    ('d', false) => "[0-9]",
                    ('D', false) => "[^0-9]",
                    ('w', true) => "0-9A-Za-z_",
                    ('w', false) => "[0-9A-Za-z_]",
                    ('W', false) => "[^0-9A-Za-z_]",
                    ('s', true) => @"\t\n\f\r ",
                    ('s', false) => @"[\t\n\f\r ]",
                    ('S', false) => @"[^\t\n\f\r ]",
                    _ => rest[..2].ToString(),
                });
                at++;
            }
            else if (inClass && rest.StartsWith("[:", StringComparison.Ordinal) && rest.IndexOf(":]", StringComparison.Ordinal) is var end and > 0)
            {
                result.Append(Posix(rest[2..end].ToString()));
                at += end + 1;
            }
            else if (rest.StartsWith("(?P<", StringComparison.Ordinal) && !inClass)
            {
                result.Append("(?<");
                at += 3;
            }
            else
            {
                result.Append((rest[0], inClass) switch
                {
                    ('$', false) => @"\z",
                    ('[', true) => @"\[",
                    _ => rest[0].ToString(),
                });
                inClass = rest[0] switch
                {
                    '[' => true,
                    ']' => false,
                    _ => inClass,
                };
            }
        }

        return result.ToString();
    }

    private static string Posix(string name) => name switch
    {
        "alnum" => "0-9A-Za-z",
        "alpha" => "A-Za-z",
        "digit" => "0-9",
        "lower" => "a-z",
        "upper" => "A-Z",
        "space" => @"\t\n\v\f\r ",
        "xdigit" => "0-9A-Fa-f",
        "word" => "0-9A-Za-z_",
        "punct" => @"!-/:-@\[-`{-~",
        _ => throw new ArgumentException($"{name} is no class of characters"),
    };
}
