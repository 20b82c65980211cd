using System.Text.RegularExpressions;

namespace LlmKube.Operator.Generator.Emission;

/// <summary>Names for things that may share one.</summary>
internal static class MemberNames
{
    /// <summary>Each item with its short name, or with its long one where another item has the same short name.</summary>
    public static IEnumerable<(T Item, string Name)> Of<T>(
        IReadOnlyCollection<T> items, Func<T, string> shortName, Func<T, string> longName)
    {
        var counts = items.GroupBy(shortName, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count());
        return items.Select(item => (item, counts[shortName(item)] == 1 ? shortName(item) : AsIdentifier(longName(item))));
    }

    private static string AsIdentifier(string fullName)
        => Regex.Replace(fullName.Replace("global::", string.Empty), @"\W", "_", RegexOptions.CultureInvariant);
}
