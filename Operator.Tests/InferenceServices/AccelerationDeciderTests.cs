using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>What a service is told of where its servers compute.</summary>
public sealed class AccelerationDeciderTests
{
    private static readonly LoadReport All = new LoadReport.Offload("CUDA0 (a GPU)", 29, 29);
    private static readonly LoadReport Some = new LoadReport.Offload("CUDA0 (a GPU)", 10, 29);
    private static readonly LoadReport None = new LoadReport.Offload(null, 0, null);
    private static readonly LoadReport Rotated = new LoadReport.Rotated();

    private static readonly Dictionary<string, (ServiceSnapshot Seen, string Said, string Message)> Cases = new()
    {
        ["all layers are on the GPU"] = (Seen(("a", "1", All)), "True LayersOffloaded 29/29 on CUDA0 (a GPU) of a", "All 29 layers are on CUDA0 (a GPU)"),
        ["on two"] = (Seen(("a", "1", new LoadReport.Offload("CUDA0 (a GPU), CUDA1 (a GPU)", 29, 29))), "True LayersOffloaded 29/29 on CUDA0 (a GPU), CUDA1 (a GPU) of a", "All 29"),
        ["on one without a name"] = (Seen(("a", "1", new LoadReport.Offload(null, 29, 29))), "True LayersOffloaded 29/29 on - of a", "All 29 layers are on GPUs"),
        ["as many as were wanted"] = (Seen(10, ("a", "1", Some)), "True PartlyOffloaded 10/29 on CUDA0 (a GPU) of a", "10 of 29 layers are on CUDA0 (a GPU), as the Model's hardware.gpu.layers asks"),
        ["fewer than were wanted"] = (Seen(20, ("a", "1", Some)), "True PartlyOffloaded 10/29 on CUDA0 (a GPU) of a", "10 of 29 layers are on CUDA0 (a GPU)"),
        ["none, for want of a GPU"] = (Seen(("a", "1", None)), "False CPUFallback 0/? on - of a", "the server has found none that it can use: it computes on the CPU. Check that the image"),
        ["none, though there is a GPU"] =
            (Seen(("a", "1", new LoadReport.Offload("CUDA0 (a GPU)", 0, 29))), "False CPUFallback 0/29 on CUDA0 (a GPU) of a", "none of the model's 29 layers is on one: it computes on the CPU"),
        ["not read yet"] = (Seen(("a", "1", null)), "Unknown NotYetKnown", "has not been read yet"),
        ["rotated away"] = (Seen(("a", "1", Rotated)), "Unknown LogRotated", "rotated away"),
        ["not logged"] = (Seen(("a", "1", new LoadReport.Unsaid())), "Unknown NotLogged", "need the verbosity 4, which LLAMA_ARG_LOG_VERBOSITY sets"),
        ["not to be read"] = (Seen(("a", "1", new LoadReport.Unreadable("forbidden"))), "Unknown LogUnreadable", "is tried again: forbidden"),
        ["a cause without end"] = (Seen(("a", "1", new LoadReport.Unreadable(new string('x', 10_000)))), "Unknown LogUnreadable", "is tried again: xxx"),
        ["several that are alike"] = (Seen(("b", "1", All), ("a", "1", All)), "True LayersOffloaded 29/29 on CUDA0 (a GPU) of a,b", "All 29"),
        ["one of several falls back"] = (Seen(("a", "1", All), ("b", "1", None), ("c", "1", All)), "False CPUFallback 0/? on - of b", "computes on the CPU"),
        ["one of several has fewer"] = (Seen(("a", "1", All), ("b", "1", Some)), "True PartlyOffloaded 10/29 on CUDA0 (a GPU) of b", "10 of 29"),
        ["one of several does not tell"] = (Seen(("a", "1", All), ("b", "1", Rotated)), "Unknown LogRotated", "rotated away"),
        ["one falls back and one does not tell"] = (Seen(("a", "1", Rotated), ("b", "1", None)), "False CPUFallback 0/? on - of b", "computes on the CPU"),
        ["another of the same template is taken to be alike"] = (Seen(("a", "1", All), ("b", "1", null)), "True LayersOffloaded 29/29 on CUDA0 (a GPU) of a", "All 29"),
        ["what earlier pods said is not said of new ones"] = (Seen(("a", "1", All), ("b", "2", null)), "Unknown NotYetKnown", "has not been read yet"),
        ["that earlier pods fall back stays true while they serve"] = (Seen(("a", "1", None), ("b", "2", null)), "False CPUFallback 0/? on - of a", "computes on the CPU"),
        ["what is known to be unknown stays so while it is looked at again"] = (Before(Seen(("a", "1", null)), Reasons.LogRotated), "Unknown LogRotated", "said before"),
        ["of an earlier generation it does not"] = (Before(Seen(("a", "1", null)), Reasons.LogRotated, generation: 0), "Unknown NotYetKnown", "has not been read yet"),
        ["the Model is gone, and the pods serve on"] = (Before(Seen(("a", "1", All)) with { Model = null }, Reasons.NotYetKnown), "True LayersOffloaded 29/29 on CUDA0 (a GPU) of a", "All 29"),
    };

    public static IEnumerable<string> Stories => Cases.Keys;

    [TestCaseSource(nameof(Stories))]
    public void It_is_said(string story)
    {
        var verdict = AccelerationDecider.Decide(Cases[story].Seen)!;

        Assert.That(Told(verdict), Is.EqualTo(Cases[story].Said));
        Assert.That(verdict.Message, Does.Contain(Cases[story].Message).And.Length.LessThan(500));
    }

    [Test]
    public void Nothing_is_said_without_GPUs_nor_while_no_pod_serves()
    {
        Assert.That(AccelerationDecider.Decide(A.Seen(pods: [A.Pod("a", ready: true)])), Is.Null);
        Assert.That(AccelerationDecider.Decide(A.Seen(model: A.GpuModel())), Is.Null);
        Assert.That(AccelerationDecider.Decide(A.Seen(model: A.GpuModel(0, accelerator: Accelerators.Metal))), Is.Null);
    }

    [Test]
    public void A_service_that_falls_back_is_Ready_and_warned_of_once()
    {
        var before = A.Service();
        var ready = Complete(before, None);
        var decision = ServiceDecider.Decide(ready);
        Assert.That(decision.Status.Phase, Is.EqualTo(InferenceServicePhases.Ready));
        Assert.That(decision.Status.Conditions.Find(ConditionTypes.Degraded), Is.Null);
        Assert.That(decision.Status.Conditions.Find(ConditionTypes.Accelerated), Has.Property("Status").EqualTo("False").And.Property("Reason").EqualTo(Reasons.CPUFallback));
        Assert.That(decision.Announcements.Count(a => a is { Reason: Reasons.CPUFallback, Type: KubeOps.Abstractions.Events.EventType.Warning }), Is.EqualTo(1));

        before.Status = decision.Status;
        Assert.That(ServiceDecider.Decide(Complete(before, None)).Announcements, Is.Empty);
        var cured = ServiceDecider.Decide(Complete(before, All)).Status;
        Assert.That(cured.Conditions.Find(ConditionTypes.Accelerated)!.Status, Is.EqualTo("True"));
        Assert.That(cured.Acceleration, Has.Property("LayersOffloaded").EqualTo(29).And.Property("Device").EqualTo("CUDA0 (a GPU)"));

        before.Status = cured;
        var stopped = ServiceDecider.Decide(A.Seen(before, A.GpuModel())).Status;
        Assert.That((stopped.Acceleration, stopped.Conditions.Find(ConditionTypes.Accelerated)), Is.EqualTo(((AccelerationStatus?)null, (V1Condition?)null)), "nothing stale");
    }

    [Test]
    public void Servers_with_GPUs_say_where_the_layers_went_unless_the_user_wants_them_to_say_less()
    {
        var (name, value) = ServerLog.Verbosity;

        Assert.That(Variable(A.Service(), A.GpuModel()), Is.EqualTo([value]));
        Assert.That(Variable(A.Service(), A.Model()), Is.Empty, "a server without GPUs is as it was");
        Assert.That(Variable(A.Service(with: s => s.Env = [new V1EnvVar { Name = name, Value = "1" }]), A.GpuModel()), Is.EqualTo(["1"]));

        IEnumerable<string> Variable(InferenceService service, Model model) =>
            (A.Build(service, model).Spec.Template.Spec.Containers[0].Env ?? []).Where(v => v.Name == name).Select(v => v.Value);
    }

    private static ServiceSnapshot Complete(InferenceService service, LoadReport load)
    {
        var model = A.GpuModel();
        return A.Seen(service, model, deployment: A.DeploymentOf(service, model, updated: 1, ready: 1), pods: [A.Pod("a", ready: true)]) with
        {
            Loads = new Dictionary<string, LoadReport?> { ["a"] = load },
        };
    }

    private static ServiceSnapshot Seen(params (string Pod, string Template, LoadReport? Load)[] pods) => Seen(null, pods);

    private static ServiceSnapshot Seen(int? layers, params (string Pod, string Template, LoadReport? Load)[] pods)
    {
        var model = A.GpuModel();
        model.Spec.Hardware!.Gpu!.Layers = layers;
        return A.Seen(model: model, pods: [.. pods.Select(p => Pod(p.Pod, p.Template))]) with { Loads = pods.ToDictionary(p => p.Pod, p => p.Load) };
    }

    private static V1Pod Pod(string name, string template)
    {
        var pod = A.Pod(name, ready: true);
        pod.Metadata.Labels["pod-template-hash"] = template;
        return pod;
    }

    private static ServiceSnapshot Before(ServiceSnapshot seen, string reason, long generation = 1)
    {
        seen.Service.Status = new InferenceServiceStatus
        {
            Conditions = [new V1Condition { Type = ConditionTypes.Accelerated, Status = "Unknown", Reason = reason, Message = "said before", ObservedGeneration = generation }],
        };
        return seen;
    }

    private static string Told(AccelerationVerdict said) => said.Status is not { } status
        ? $"{said.ConditionStatus} {said.Reason}"
        : $"{said.ConditionStatus} {said.Reason} {status.LayersOffloaded}/{status.LayersTotal?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"} on {status.Device ?? "-"} of {string.Join(',', status.Pods!)}";
}
