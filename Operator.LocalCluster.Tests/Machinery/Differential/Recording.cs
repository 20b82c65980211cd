using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Reflection;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery.Differential;

/// <summary>The real server's answers on disk: one scenario a line.</summary>
internal static class Recording
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Path { get; } = System.IO.Path.Combine(
        typeof(Recording).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key is "GoldenFolder").Value!,
        "Machinery",
        "answers.jsonl");

    public static IReadOnlyList<RecordedScenario> Read() => File.Exists(Path)
        ? [.. File.ReadLines(Path).Select(line => JsonSerializer.Deserialize<RecordedScenario>(line, Json)!)]
        : [];

    public static void Write(IEnumerable<RecordedScenario> scenarios) =>
        File.WriteAllLines(Path, scenarios.Select(scenario => JsonSerializer.Serialize(scenario, Json)));

    public static string Show(Answer answer) => new JsonObject
    {
        ["code"] = answer.Code,
        ["wrote"] = answer.Wrote,
        ["errors"] = new JsonArray([.. answer.Errors.Select(error => (JsonNode?)error)]),
        ["document"] = Comparable.Sorted(answer.Document),
    }.ToJsonString(new(Json) { WriteIndented = true });
}
