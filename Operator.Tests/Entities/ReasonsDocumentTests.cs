using System.Reflection;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Tests.Entities;

/// <summary>docs/operations.md explains each reason that a user may read in conditions and Events.</summary>
public sealed class ReasonsDocumentTests
{
    private static readonly string[] s_rows = [.. File.ReadAllLines(ApiCluster.InRepository("docs", "operations.md")).Where(l => l.StartsWith("| `", StringComparison.Ordinal))];

    private static IEnumerable<string> All => typeof(Reasons).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!);

    [TestCaseSource(nameof(All))]
    public void A_reason_is_explained(string reason) => Assert.That(s_rows, Has.Some.Matches<string>(row => row!.Split('|')[1].Contains($"`{reason}`", StringComparison.Ordinal)));

    [Test]
    public void And_no_other_is() => Assert.That(
        s_rows.SelectMany(row => row.Split('|')[1].Split('`').Where((_, i) => i % 2 == 1)).Distinct(),
        Is.SubsetOf(All));
}
