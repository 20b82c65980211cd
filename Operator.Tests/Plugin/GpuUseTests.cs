using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Plugin;
using LlmKube.Operator.Tests.InferenceServices;

namespace LlmKube.Operator.Tests.Plugin;

[Parallelizable(ParallelScope.All)]
public sealed class GpuUseTests
{
    [Test]
    public void Who_waits_comes_first_then_who_holds()
    {
        var uses = GpuUse.Of(
            [Waiting("late", 2), A.Service("served"), Waiting("early", 1), A.Service("on-cpus")],
            [Pod("served", 2), Pod("served", 1), Pod("on-cpus", 0), Pod("early", 1, node: null), Pod("served", 4, phase: "Failed")]);

        using var text = new StringWriter { NewLine = "\n" };
        GpuUseTable.Write(uses, A.Now, text, isTerminal: false);

        Golden.Match("plugin/queue.txt", string.Join('\n', text.ToString().Split('\n').Select(l => l.TrimEnd())));
    }

    [Test]
    public void An_empty_queue_says_so()
    {
        using var text = new StringWriter();
        GpuUseTable.Write(GpuUse.Of([A.Service()], []), A.Now, text, isTerminal: false);

        Assert.That(text.ToString().Trim(), Is.EqualTo("No service waits for GPUs, and none holds any."));
    }

    [TestCase(0, "0s")]
    [TestCase(119, "119s")]
    [TestCase(120, "2m")]
    [TestCase(7_200, "2h")]
    [TestCase(172_800, "2d")]
    [TestCase(-5, "0s")]
    public void Ages_are_written_as_kubectl_writes_them(int seconds, string text) => Assert.That(Ages.Text(TimeSpan.FromSeconds(seconds)), Is.EqualTo(text));

    private static InferenceService Waiting(string name, int place)
    {
        var service = A.Service(name);
        service.Status = new()
        {
            QueuePosition = place,
            WaitingFor = "nvidia.com/gpu: 1",
            EffectivePriority = 100_000 / place,
            Conditions = [new() { Type = ConditionTypes.GPUAvailable, Status = "False", LastTransitionTime = A.Earlier }],
        };
        return service;
    }

    private static V1Pod Pod(string service, int gpus, string? node = "node-1", string phase = "Running") => new()
    {
        Metadata = new() { Name = "pod", NamespaceProperty = A.Namespace, CreationTimestamp = A.Earlier, Labels = new Dictionary<string, string> { [Labels.Service] = service } },
        Spec = new()
        {
            NodeName = node,
            Priority = 10_000,
            Containers = [new() { Name = "llama-server", Resources = new() { Limits = gpus == 0 ? [] : new Dictionary<string, ResourceQuantity> { ["nvidia.com/gpu"] = new($"{gpus}"), ["memory"] = new("1Gi") } } }],
        },
        Status = new() { Phase = phase },
    };
}
