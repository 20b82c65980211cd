using System.Text.Json.Nodes;
using LlmKube.Operator.Tests.Entities;

namespace LlmKube.Operator.Tests.Monitoring;

/// <summary>
/// The rules of <c>deploy/monitoring</c> as Prometheus reads them, which is what prometheus-operator takes out of each PrometheusRule, in files of
/// the manifests' names; with the unit tests beside them.
/// </summary>
internal sealed class RuleFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rules-");

    public RuleFolder()
    {
        foreach (var (name, groups) in Manifests)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
            File.WriteAllText(PathOf(name), new JsonObject { ["groups"] = groups.DeepClone() }.ToJsonString()); // JSON is YAML
        }

        Directory.CreateDirectory(PathOf("tests"));
        foreach (var test in Tests) File.Copy(Path.Combine(RenderedManifests.Monitoring, "tests", test), PathOf($"tests/{test}"));
    }

    /// <summary>The manifests that hold rules, by their paths below the component.</summary>
    public static IReadOnlyDictionary<string, JsonArray> Manifests { get; } = Directory
        .GetFiles(RenderedManifests.Monitoring, "*.yaml", SearchOption.AllDirectories)
        .Where(f => File.ReadAllText(f).Contains("\nkind: PrometheusRule\n", StringComparison.Ordinal))
        .ToDictionary(f => Path.GetRelativePath(RenderedManifests.Monitoring, f), f => YamlManifests.Read(f).Single()["spec"]!["groups"]!.AsArray());

    /// <summary>All rules.</summary>
    public static IReadOnlyList<JsonObject> Rules { get; } =
        [.. Manifests.Values.SelectMany(groups => groups).SelectMany(g => g!["rules"]!.AsArray()).Select(r => r!.AsObject())];

    /// <summary>The rules that alert.</summary>
    public static IEnumerable<JsonObject> Alerts => Rules.Where(r => r.ContainsKey("alert"));

    /// <summary>The names of what is recorded.</summary>
    public static IEnumerable<string> Recorded => Rules.Select(r => r.Text("record")).OfType<string>();

    /// <summary>The files of unit tests.</summary>
    public static IEnumerable<string> Tests => Directory.GetFiles(Path.Combine(RenderedManifests.Monitoring, "tests"), "*.yaml").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);

    /// <summary>The cases of all unit tests.</summary>
    public static IEnumerable<JsonObject> Cases =>
        Tests.SelectMany(t => YamlManifests.Read(Path.Combine(RenderedManifests.Monitoring, "tests", t)).Single()["tests"]!.AsArray()).Select(c => c!.AsObject());

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
