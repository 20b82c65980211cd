using System.Globalization;

namespace LlmKube.Operator.Tests.Metrics;

/// <summary>What an operator answered to a scrape, sample by sample.</summary>
internal sealed class Scrape
{
    private readonly Dictionary<string, double> _samples = [];

    public Scrape(string text)
    {
        Text = text;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line[0] == '#') continue;
            var space = line.LastIndexOf(' ');
            _samples.Add(line[..space], double.Parse(line[(space + 1)..], CultureInfo.InvariantCulture));
        }
    }

    public string Text { get; }

    /// <summary>All series.</summary>
    public IReadOnlyCollection<string> Series => _samples.Keys;

    /// <summary>The families that have a series, and those that have none.</summary>
    public IEnumerable<string> Families => Text.Split('\n').Where(l => l.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(l => l.Split(' ')[2]);

    /// <summary>The value of a series, named as the scrape names it; null if it is not there.</summary>
    public double? this[string series] => _samples.TryGetValue(series, out var value) ? value : null;

    /// <summary>The series of a name that have all of these labels, each as <c>label="value"</c>.</summary>
    public IEnumerable<(string Series, double Value)> Of(string name, params string[] labels) => _samples
        .Where(s => (s.Key == name || s.Key.StartsWith(name + "{", StringComparison.Ordinal)) && labels.All(l => s.Key.Contains(l, StringComparison.Ordinal)))
        .Select(s => (s.Key, s.Value));
}
