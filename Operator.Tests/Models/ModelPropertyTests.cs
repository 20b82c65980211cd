using CsCheck;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Models;

/// <summary>Whatever happens in whatever order, nothing throws, and in the end every Model is Ready and nothing else is left.</summary>
[TestFixture]
internal sealed class ModelPropertyTests
{
    private const string Other = "https://models.example/other.gguf";

    private static readonly string[] Names = ["a", "b", "c.with.dots"];
    private static readonly string[] Sources = [Seen.Source, Other, "/etc/secret.gguf", "https://"];
    private static readonly string[] ServiceNames = ["chat", "code"];

    private static readonly Dictionary<string, string>?[] Selectors =
        [null, new() { ["pool"] = "gpu" }, new() { ["zone"] = "a", ["disk"] = "fast" }, new() { ["disk"] = "not valid!" }];

    private static readonly Gen<InferenceServiceSpec> Service = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 3], Gen.Int[0, 2], (model, selector, gpus) =>
        new InferenceServiceSpec { ModelRef = Names[model], NodeSelector = Selectors[selector], Resources = new InferenceResources { Gpu = gpus } });

    private static readonly Gen<Action<ModelWorld>> Happening = Gen.OneOf(
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 3], Gen.Bool, (name, source, onGpu) =>
            (Action<ModelWorld>)(w => w.Put(Names[name], Sources[source], onGpu ? Accelerators.Cuda : Accelerators.Cpu))),
        Gen.Int[0, 2].Select(name => (Action<ModelWorld>)(w => w.Remove(Names[name]))),
        Gen.Select(Gen.Int[0, 1], Service, Gen.Int[0, 2], (name, spec, state) =>
            (Action<ModelWorld>)(w => w.PutService(ServiceNames[name], state == 0 ? null : spec, ready: state == 1))),
        Gen.Int[0, 2].Select(name => (Action<ModelWorld>)(w => { if (w.Models.TryGetValue(Names[name], out var model)) Reconcile(w, model); })),
        Gen.Int[0, 6].Select(outcome => (Action<ModelWorld>)(w => { if (w.Jobs.Values.FirstOrDefault() is { } job) Advance(w, job, outcome); })),
        Gen.Int[1, 1000].Select(seconds => (Action<ModelWorld>)(w => w.Pass(TimeSpan.FromSeconds(seconds)))),
        Gen.Bool.Select(refuses => (Action<ModelWorld>)(w => w.Refuses = refuses)),
        Gen.Bool.Select(shared => (Action<ModelWorld>)(w => w.RestoreClaim(shared))),
        Gen.Const((Action<ModelWorld>)(w => w.LoseClaim())));

    [Test]
    public void Every_history_ends_well() => Gen.Select(Happening.Array[0, 60], Gen.Bool).Sample((history, shared) =>
    {
        var world = new ModelWorld(new OperatorOptions { ModelCacheAccessMode = shared ? "ReadWriteMany" : "ReadWriteOnce" });
        foreach (var happening in history) happening(world);
        Settle(world);
        return world.Jobs.Count == 0 && world.Models.Values.All(m => HasEndedWell(world, m));
    });

    [Test]
    public void Many_models_of_one_source_make_one_fetch()
    {
        var world = new ModelWorld(new OperatorOptions());
        foreach (var name in Names) world.Put(name, Seen.Source, Accelerators.Cpu);

        Settle(world);

        Assert.That(world.Fetches, Is.EqualTo(1));
        Assert.That(world.Models.Values.Select(m => m.Status.Phase), Has.All.EqualTo(ModelPhases.Ready));
    }

    [Test]
    public void A_claim_made_anew_between_two_looks_proves_nothing()
    {
        var world = new ModelWorld(new OperatorOptions());
        world.Put("a", Seen.Source, Accelerators.Cpu);
        world.Put("b", Other, Accelerators.Cpu);
        Settle(world);

        world.LoseClaim();
        Settle(world);

        Assert.That(world.Fetches, Is.EqualTo(4));
        Assert.That((world.Holds(Seen.Source), world.Holds(Other)), Is.EqualTo((true, true)));
    }

    private static bool HasEndedWell(ModelWorld world, Model model)
    {
        var status = model.Status;
        var canBeFetched = model.Spec.Source is Seen.Source or Other;
        var isFinal = status.Phase == ModelPhases.Failed && ModelStatuses.IsFinal(status.Conditions.Find(ConditionTypes.Degraded)?.Reason);
        var wanted = !canBeFetched ? status.Phase == ModelPhases.Failed : status.Phase == ModelPhases.Ready || isFinal;
        if (!wanted || status.ObservedGeneration != model.Metadata.Generation) return false;
        var isServed = world.Services.Values.Any(s => s.Spec.ModelRef == model.Metadata.Name && s.Status.Phase == InferenceServicePhases.Ready);
        if (status.Phase == ModelPhases.Ready && status.AcceleratorReady != (model.Spec.Hardware!.Accelerator == Accelerators.Cpu || isServed)) return false;
        return status.Conditions!.Select(c => c.Type).Order().SequenceEqual(status.Phase == ModelPhases.Ready ? [ConditionTypes.Available] : [ConditionTypes.Available, ConditionTypes.Degraded]);
    }

    // From here on every fetch succeeds and nobody edits or refuses; the clock goes on as the controller asks to be woken.
    private static void Settle(ModelWorld world)
    {
        world.Refuses = false;
        for (var round = 0; round < 100; round++)
        {
            foreach (var job in world.Jobs.Values.ToList()) Advance(world, job, outcome: 6);
            var changed = false;
            foreach (var model in world.Models.Values.ToList()) changed |= Reconcile(world, model);
            if (!changed && world.Jobs.Count == 0) return;
            world.Pass(TimeSpan.FromMinutes(1));
        }

        Assert.Fail("It does not come to rest.");
    }

    private static bool Reconcile(ModelWorld world, Model model)
    {
        var changed = world.Reconcile(model);
        if (model.Status.Phase == ModelPhases.Ready && !world.Holds(model.Spec.Source)) throw new AssertionException($"{model.Metadata.Name} is Ready, and its file is not on the claim.");
        return changed;
    }

    private static void Advance(ModelWorld world, V1Job job, int outcome)
    {
        var (state, condition) = outcome switch
        {
            0 => (new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = "ImagePullBackOff" } }, null),
            1 => (new V1ContainerState { Running = new V1ContainerStateRunning() }, null),
            2 => (Seen.Terminated(3, TerminationMessage.Format(Seen.NotFound())), "Failed"),
            3 => (Seen.Terminated(1, TerminationMessage.Format(Seen.Unreachable())), "Failed"),
            4 => (Seen.Terminated(137, null, "OOMKilled"), "Failed"),
            5 => (Seen.Terminated(0, "not a report"), "Complete"),
            _ => (Seen.Terminated(0, TerminationMessage.Format(Seen.Complete())), "Complete"),
        };
        world.Advance(job, state, condition, complete: outcome >= 6);
    }
}
