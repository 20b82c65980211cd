using System.Diagnostics;
using System.Text.Json;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery.Texts;

/// <summary>A text, and what to compare or try it with.</summary>
/// <param name="Kind">quantity, labels or fields.</param>
/// <param name="Text">What is parsed.</param>
/// <param name="Other">Another quantity.</param>
/// <param name="Set">The labels or fields that a selector is tried on.</param>
internal sealed record Question(string Kind, string Text, string? Other = null, Dictionary<string, string>? Set = null);

/// <summary>What was made of it.</summary>
/// <param name="Ok">Whether it was accepted; if it wasn't, there is nothing more to tell.</param>
/// <param name="Canonical">A quantity as it is written.</param>
/// <param name="Order">A quantity against the other one: -1, 0 or 1; null if that is none.</param>
/// <param name="Matches">Whether a selector selects the set.</param>
internal sealed record Verdict(bool Ok, string? Canonical = null, int? Order = null, bool? Matches = null);

/// <summary>The program of build/apimachinery/main.go, which answers with Kubernetes' own parsers: the arbiter.</summary>
internal sealed class Apimachinery : IDisposable
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    private readonly Process _process;
    private readonly Lock _gate = new();

    private Apimachinery(string program) => _process = Process.Start(new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

    /// <summary>Null where LLMKUBE_TEST_APIMACHINERY names no program.</summary>
    public static Apimachinery? Start() =>
        Environment.GetEnvironmentVariable("LLMKUBE_TEST_APIMACHINERY") is { Length: > 0 } program ? new(program) : null;

    public Verdict Ask(Question question)
    {
        lock (_gate)
        {
            _process.StandardInput.WriteLine(JsonSerializer.Serialize(question, Json));
            _process.StandardInput.Flush();
            return JsonSerializer.Deserialize<Verdict>(_process.StandardOutput.ReadLine()!, Json)!;
        }
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
