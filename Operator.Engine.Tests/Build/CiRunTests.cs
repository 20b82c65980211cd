using System.Diagnostics;
using System.Reflection;

namespace LlmKube.Operator.Engine.Tests.Build;

/// <summary>What <c>.ci/run</c> prints and returns, with a <c>make</c> of our own.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class CiRunTests
{
    private static readonly string Script = Path.Combine(
        typeof(CiRunTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryFolder").Value!, ".ci", "run");

    // make's own last words on stderr come after the sums, as they do in a real failure.
    private const string Failing = "; echo \"make: *** [Makefile:20: $1] Error 1\" >&2; exit 2";

    private static readonly Dictionary<string, (string Tools, string Verify, string Test, string LastLine, bool IsGood)> Cases = new()
    {
        ["all is well"] = ("true", "true", "echo building; echo '12 passed, 0 failed'", "12 passed, 0 failed", true),
        ["a test fails"] = ("true", "true", "echo '11 passed, 1 failed'" + Failing, "11 passed, 1 failed", false),
        ["something generated is stale"] = ("true", "echo stale" + Failing, "echo '12 passed, 0 failed'", "12 passed, 1 failed", false),
        ["a tool can't be had, and a test fails for it"] = ("echo offline" + Failing, "true", "echo '11 passed, 1 failed'" + Failing, "11 passed, 2 failed", false),
        ["nothing compiles"] = ("true", "echo CS0001" + Failing, "echo CS0001" + Failing, "0 passed, 2 failed", false),
        ["a test project crashes after its last result"] = ("true", "true", "echo '12 passed, 0 failed'" + Failing, "12 passed, 1 failed", false),
    };

    public static IEnumerable<string> Stories => Cases.Keys;

    [TestCaseSource(nameof(Stories))]
    public async Task The_very_last_line_is_the_sums(string story)
    {
        var (tools, verify, test, lastLine, isGood) = Cases[story];
        var folder = Directory.CreateTempSubdirectory("ci");
        try
        {
            var ci = folder.CreateSubdirectory(".ci");
            File.Copy(Script, Path.Combine(ci.FullName, "run"));

            // A function that the script inherits takes make's place. Both streams in one, as a log has them.
            var make = $"make() (\ncase $1 in\ntools) {tools} ;;\nverify) {verify} ;;\ntest) {test} ;;\nesac\n)\nexport -f make\nexec bash .ci/run 2>&1";
            var start = new ProcessStartInfo("bash", ["-c", make]) { WorkingDirectory = folder.FullName, RedirectStandardOutput = true };
            using var process = Process.Start(start)!;
            var lines = (await process.StandardOutput.ReadToEndAsync()).TrimEnd('\n').Split('\n');
            await process.WaitForExitAsync();

            Assert.That(lines[^1], Is.EqualTo(lastLine), string.Join('\n', lines));
            Assert.That(process.ExitCode == 0, Is.EqualTo(isGood));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
