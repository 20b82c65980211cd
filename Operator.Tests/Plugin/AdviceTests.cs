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
        Assert.That(advice.Select(a => a.Command), Has.All.StartsWith("kubectl "));
        Assert.That(advice.Any(a => a.Do.Length > 0), Is.EqualTo(!Untroubled.Contains(reason)));
    }

    [Test]
    public void It_is_plain_text() => Assert.That(
        Advice.For(InferenceService.KubeKind, Reasons.CPUFallback)!.Do,
        Is.EqualTo("See LLMKubeCPUFallback: the image's build, the node's driver, the device plugin"));

    [Test]
    public void A_word_that_is_no_reason_has_none() => Assert.That(Advice.For(Model.KubeKind, "Surprise"), Is.Null);
}
