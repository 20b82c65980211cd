namespace LlmKube.Operator.Tests.Monitoring;

/// <summary>A scrape of something that Prometheus watches; which names and labels there are is what matters of it.</summary>
internal sealed class RecordedScrape
{
    // What prometheus-operator and Prometheus add to every target.
    private static readonly string[] s_added = ["job", "instance", "namespace", "pod", "container", "endpoint"];

    // Labels whose values are a closed list, of which a test or panel must not invent one.
    private static readonly HashSet<string> s_closed = ["controller", "kind", "le", "name", "phase", "result", "state", "status", "type"];

    private readonly ILookup<string, PromSeries> _series;
    private readonly HashSet<string> _target;

    private RecordedScrape(string file, params string[] target)
    {
        _series = Read(File.ReadAllText(PathOf(file))).ToLookup(s => s.Name);
        _target = [.. s_added, .. target];
    }

    /// <summary>The scrapes by the job under which Prometheus knows them.</summary>
    public static IReadOnlyDictionary<string, RecordedScrape> ByJob { get; } = new Dictionary<string, RecordedScrape>
    {
        ["llmkube-controller"] = new("operator.prom", "service"),
        ["llmkube-inference"] = new("llama-server.prom", "service", "model", "runtime"),
        ["dcgm-exporter"] = new("dcgm-exporter.prom", "service"),
    };

    /// <summary>The names of all metrics.</summary>
    public IEnumerable<string> Names => _series.Select(s => s.Key);

    public static string PathOf(string file) => Path.Combine(RenderedManifests.Monitoring, "tests", "recorded", file);

    /// <summary>The series of a scrape.</summary>
    public static IEnumerable<PromSeries> Read(string text) => text.Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(PromSeries.Parse);

    /// <summary>The shapes of a scrape's series, each once.</summary>
    public static IReadOnlyList<string> Shapes(string text) => [.. Read(text).Select(s => s.Shape).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>What is wrong with a series of which it is said that Prometheus has it from this scrape; null: nothing.</summary>
    public string? Complaint(PromSeries series)
    {
        if (IsOfPrometheus(series.Name)) return Unknown(series, _target);
        var recorded = _series[series.Name].ToList();
        if (recorded.Count == 0) return $"{series.Name} is in no recorded scrape";
        var like = recorded.FirstOrDefault(r => r.Labels.Keys.All(series.Labels.ContainsKey));
        if (like is null) return $"{series.Name} lacks labels that it has in the recorded scrape: {recorded[0].Shape}";
        if (Unknown(series, [.. _target, .. like.Labels.Keys]) is { } unknown) return unknown;
        var invented = like.Labels.Keys.Where(l => s_closed.Contains(l) && recorded.All(r => r.Labels.GetValueOrDefault(l) != series.Labels[l])).ToList();
        return invented.Count == 0 ? null : $"{series.Name} has in no recorded scrape: {string.Join(", ", invented.Select(l => $"{l}=\"{series.Labels[l]}\""))}";
    }

    /// <summary>The labels by which series of this name can be selected; empty: there is none of that name.</summary>
    public IReadOnlySet<string> LabelsOf(string name) =>
        IsOfPrometheus(name) ? _target : _series.Contains(name) ? [.. _target, .. _series[name].SelectMany(s => s.Labels.Keys)] : new HashSet<string>();

    // Prometheus makes these itself for every target.
    private static bool IsOfPrometheus(string name) => name is "up" or "scrape_duration_seconds" or "scrape_samples_scraped";

    private static string? Unknown(PromSeries series, HashSet<string> known) =>
        series.Labels.Keys.FirstOrDefault(l => !known.Contains(l)) is { } label ? $"{series.Name} has no label {label}" : null;
}
