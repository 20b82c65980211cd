using System.Reflection;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Plugin;

namespace LlmKube.Operator.Tests.Plugin;

/// <summary>The plugin's advice is docs/operations.md.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class AdviceTests
{
    // What is said of these is that nothing has to be done, or that it is done by itself.
    private static readonly string[] Untroubled =
    [
        Reasons.ModelReady, Reasons.ModelCached, Reasons.FetchedByPods, Reasons.Pending, Reasons.DownloadStarted, Reasons.CopyStarted, Reasons.Removing, Reasons.Interrupted, Reasons.DownloadFailed,
        Reasons.CopyFailed, Reasons.Creating, Reasons.RollingOut, Reasons.RolloutComplete, Reasons.InferenceReady, Reasons.NoReadyPods, Reasons.FitsGPU, Reasons.LayersOffloaded, Reasons.Upgrading, Reasons.Failed,
    ];

    private static IEnumerable<string> All => typeof(Reasons).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!);

    [TestCaseSource(nameof(All))]
    public void Every_reason_has_advice_and_a_command(string reason)
    {
        Advice[] advice = [.. new[] { Model.KubeKind, InferenceService.KubeKind }.Select(kind => Advice.For(kind, reason)).OfType<Advice>()];

        Assert.That(advice, Is.Not.Empty);
        Assert.That(advice.Select(a => a.Means), Has.All.Not.Empty);
        Assert.That(advice.Any(a => a.Do.Length > 0), Is.EqualTo(!Untroubled.Contains(reason)));

        // It is printed without the rows around it.
        Assert.That(advice.SelectMany(a => new[] { a.Means, a.Do }), Has.None.Match(@"\b(above|below|NAME|NS)\b|^As (with|for) "));
    }

    // Only what is stopped on purpose is begun to be changed by a command that changes something.
    [TestCaseSource(nameof(All))]
    public void Its_command_can_be_run_as_it_is_and_only_looks(string reason)
    {
        var verbs = reason == Reasons.Stopped ? "scale" : "describe|edit|get|logs";
        foreach (var kind in new[] { Model.KubeKind, InferenceService.KubeKind })
        {
            if (Advice.For(kind, reason) is not { Command: var command }) continue;
            Assert.That(command, Does.Match($@"^kubectl (llmkube queue -n \{{ns\}}|-n \{{ns\}} ({verbs}) ([a-z,.]+|\{{name\}}|-\S+|{Labels.Service}=\{{label\}}|(?<=--field-selector )type=Warning)( |$))"));
            Assert.That(command, Does.Not.Match(@"\b[A-Z]{2,}\b|, | (by|of|to|named|with) "));
            Assert.That(command.Replace("{ns}", "", StringComparison.Ordinal).Replace("{name}", "", StringComparison.Ordinal).Replace("{label}", "", StringComparison.Ordinal), Does.Not.Contain('{'));
        }
    }

    [Test]
    public void It_is_plain_text() => Assert.That(
        Advice.For(InferenceService.KubeKind, Reasons.CPUFallback)!.Do,
        Is.EqualTo("See to the image's build, the node's driver, the device plugin (LLMKubeCPUFallback in the runbook)"));

    [Test]
    public void A_word_that_is_no_reason_has_none() => Assert.That(Advice.For(Model.KubeKind, "Surprise"), Is.Null);
}
