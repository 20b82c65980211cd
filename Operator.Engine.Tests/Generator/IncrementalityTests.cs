using Microsoft.CodeAnalysis;

namespace LlmKube.Operator.Engine.Tests.Generator;

/// <summary>The generator runs on each keystroke in an editor; what didn't change must not be written again.</summary>
public sealed class IncrementalityTests
{
    private static readonly string[] Sources =
        [SampleSources.Entities, SampleSources.Controllers, SampleSources.Finalizers, "class Unrelated { int Field = 1; }"];

    public static IEnumerable<TestCaseData> UnrelatedEdits()
    {
        yield return Edit("a body in another file", 3, text => text.Replace("= 1", "= 2", StringComparison.Ordinal));
        yield return Edit("a new class in another file", 3, text => text + " class Newcomer : System.IDisposable { public void Dispose() { } }");
        yield return Edit("lines above the entities", 0, text => "// one\n// two\n" + text);
        yield return Edit("lines above the controllers", 1, text => "// one\n// two\n" + text);
        yield return Edit("a new field of a spec", 0, text => text.Replace("public int Doors", "public int Windows { get; set; } public int Doors", StringComparison.Ordinal));
        yield return Edit("a method of a finalizer", 2, text => text.Replace("=> Task", "=>\n  Task", StringComparison.Ordinal));

        static TestCaseData Edit(string name, int file, Func<string, string> edit)
            => new TestCaseData(file, edit).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(UnrelatedEdits))]
    public void An_edit_that_changes_no_model_writes_nothing(int file, Func<string, string> edit)
    {
        var before = GeneratedProject.Of(Sources);
        var after = before.Edited(file, edit);

        Assert.That(after.Reasons.ToList(), Has.Count.GreaterThanOrEqualTo(6));
        Assert.That(after.Reasons.Where(r => r.Reason != IncrementalStepRunReason.Cached), Is.Empty);
        Assert.That(after.Files, Is.EquivalentTo(before.Files));
    }

    [Test]
    public void A_new_controller_writes_the_registrations_and_no_constructor()
    {
        var before = GeneratedProject.Of(Sources);
        var after = before.Edited(
            3, text => $"{SampleSources.Usings} namespace Farm {{ {SampleSources.Controller("Second", "Barn")} }} {text}");

        Assert.That(after.Files["ControllerRegistrations.g.cs"], Does.Contain("Farm.Second"));
        Assert.That(after.Reasons.Select(r => r.Reason), Has.Some.EqualTo(IncrementalStepRunReason.Modified));
        Assert.That(after.Files["Barn.init.g.cs"], Is.EqualTo(before.Files["Barn.init.g.cs"]));
    }
}
