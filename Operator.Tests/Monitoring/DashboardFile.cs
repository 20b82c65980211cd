using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LlmKube.Operator.Tests.Monitoring;

/// <summary>A query of a panel.</summary>
/// <param name="Dashboard">The title of the dashboard.</param>
/// <param name="Panel">The title of the panel.</param>
/// <param name="Expression">PromQL in which every variable has a value.</param>
/// <param name="IsInstant">True if the panel asks for the newest value alone.</param>
internal sealed record PanelQuery(string Dashboard, string Panel, string Expression, bool IsInstant);

/// <summary>One of Grafana's dashboards under <c>deploy/monitoring/dashboards</c>.</summary>
internal sealed partial class DashboardFile
{
    private static readonly string s_folder = Path.Combine(RenderedManifests.Monitoring, "dashboards");

    private DashboardFile(string path) => (Name, Json) = (Path.GetFileName(path), JsonNode.Parse(File.ReadAllText(path))!.AsObject());

    /// <summary>All of them.</summary>
    public static IReadOnlyList<DashboardFile> All { get; } = [.. Directory.GetFiles(s_folder, "*.json").Order(StringComparer.Ordinal).Select(f => new DashboardFile(f))];

    /// <summary>The name of the file.</summary>
    public string Name { get; }

    public JsonObject Json { get; }

    public string Title => Json.Text("title")!;

    /// <summary>All panels, in rows or not, with the rows.</summary>
    public IEnumerable<JsonObject> Everything => Json["panels"]!.AsArray().SelectMany(p => p!["panels"]?.AsArray().Prepend(p) ?? [p]).Select(p => p!.AsObject());

    /// <summary>The panels that show data.</summary>
    public IEnumerable<JsonObject> Panels => Everything.Where(p => p.Text("type") is not ("row" or "text"));

    /// <summary>The variables at the top.</summary>
    public IEnumerable<JsonObject> Variables => Json["templating"]!["list"]!.AsArray().Select(v => v!.AsObject());

    /// <summary>The queries of a panel, as they are written.</summary>
    public static IEnumerable<JsonObject> Targets(JsonObject panel) => panel["targets"]!.AsArray().Select(t => t!.AsObject());

    /// <summary>All queries, with everything selected.</summary>
    /// <param name="rateInterval">In the place of <c>$__rate_interval</c>, which Grafana makes no less than four scrapes long.</param>
    /// <param name="range">In the place of <c>$__range</c>, the time that is shown.</param>
    public IEnumerable<PanelQuery> Queries(string rateInterval = "2m", string range = "1h") =>
        from panel in Panels
        from target in Targets(panel)
        select new PanelQuery(Title, panel.Text("title")!, Fill(target.Text("expr")!, rateInterval, range), target["instant"]!.GetValue<bool>());

    private static string Fill(string expression, string rateInterval, string range) => Variable().Replace(expression, m => m.Groups[1].Value switch
    {
        "__rate_interval" => rateInterval,
        "__range" => range,
        _ => ".*",
    });

    /// <summary>A variable in an expression.</summary>
    [GeneratedRegex(@"\$\{?(\w+)\}?")]
    public static partial Regex Variable();
}
