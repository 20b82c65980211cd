using System.Globalization;
using System.Text.RegularExpressions;

namespace LlmKube.Operator.Benchmarks.Scale;

/// <summary>What the operator says of itself in <c>/metrics</c>.</summary>
internal sealed partial class OperatorScrape
{
    private readonly Dictionary<(string Verb, string Resource), double> _requests = [];
    private double _added;
    private double _worked;
    private double _depth;

    /// <summary>How many requests it has made, by verb and resource.</summary>
    public IReadOnlyDictionary<(string Verb, string Resource), double> Requests => _requests;

    /// <summary>True if it leads.</summary>
    public bool IsLeader { get; private set; }

    /// <summary>True if there was work and all of it is done.</summary>
    public bool IsDrained => _added > 0 && _depth == 0 && _added == _worked;

    /// <summary>Reads a scrape line by line; most of it is about objects and not wanted.</summary>
    public static async Task<OperatorScrape> ReadAsync(Stream text)
    {
        var scrape = new OperatorScrape();
        using var reader = new StreamReader(text);
        while (await reader.ReadLineAsync() is { } line) scrape.Take(line);
        return scrape;
    }

    /// <summary>How many requests there were since an earlier scrape.</summary>
    public IReadOnlyDictionary<(string Verb, string Resource), double> RequestsSince(OperatorScrape earlier) => Requests
        .ToDictionary(r => r.Key, r => r.Value - earlier.Requests.GetValueOrDefault(r.Key))
        .Where(r => r.Value > 0)
        .ToDictionary();

    private void Take(string line)
    {
        if (line.StartsWith("llmkube_api_requests_total{", StringComparison.Ordinal) && Request().Match(line) is { Success: true } request)
        {
            _requests[(request.Groups[1].Value, request.Groups[2].Value)] = Value(line);
        }
        else if (line.StartsWith("workqueue_adds_total{", StringComparison.Ordinal)) _added += Value(line);
        else if (line.StartsWith("workqueue_depth{", StringComparison.Ordinal)) _depth += Value(line);
        else if (line.StartsWith("workqueue_work_duration_seconds_count{", StringComparison.Ordinal)) _worked += Value(line);
        else if (line.StartsWith("leader_election_master_status{", StringComparison.Ordinal)) IsLeader = Value(line) == 1;
    }

    private static double Value(string line) => double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture);

    [GeneratedRegex("""verb="([^"]*)",resource="([^"]*)"}""")]
    private static partial Regex Request();
}
