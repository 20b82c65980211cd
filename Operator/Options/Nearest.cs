namespace LlmKube.Operator.Options;

/// <summary>What somebody may have meant who mistyped a name.</summary>
internal static class Nearest
{
    /// <summary>The question whether another name was meant, as the end of a message; empty where none is near.</summary>
    public static string Hint(string name, IEnumerable<string> names) => Of(name, names) is { } near ? $"; did you mean {near}?" : "";

    /// <summary>The name that takes the fewest changes of a letter, if it is a third of them at most.</summary>
    public static string? Of(string name, IEnumerable<string> names) =>
        names.Select(n => (Name: n, Changes: Changes(name, n)))
            .Where(n => n.Changes * 3 <= Math.Max(name.Length, n.Name.Length))
            .OrderBy(n => n.Changes)
            .Select(n => n.Name)
            .FirstOrDefault();

    // Levenshtein's distance, row by row.
    private static int Changes(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (char.ToUpperInvariant(from[i - 1]) == char.ToUpperInvariant(to[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
