using CsCheck;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Models;

/// <summary>Whatever happens in whatever order, nothing throws, and in the end every Model is Ready and nothing else is left.</summary>
[TestFixture]
internal sealed class ModelPropertyTests
{
    private static readonly string[] Names = ["a", "b", "c.with.dots"];
    private static readonly string[] Sources = [Seen.Source, "https://models.example/other.gguf", "/etc/secret.gguf", "https://"];

    private static readonly Gen<Action<ModelWorld>> Happening = Gen.OneOf(
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 3], (name, source) => (Action<ModelWorld>)(w => w.Put(Names[name], Sources[source]))),
        Gen.Int[0, 2].Select(name => (Action<ModelWorld>)(w => w.Remove(Names[name]))),
        Gen.Int[0, 2].Select(name => (Action<ModelWorld>)(w => { if (w.Models.TryGetValue(Names[name], out var model)) w.Reconcile(model); })),
        Gen.Int[0, 6].Select(outcome => (Action<ModelWorld>)(w => { if (w.Jobs.Values.FirstOrDefault() is { } job) Advance(w, job, outcome); })),
        Gen.Int[1, 1000].Select(seconds => (Action<ModelWorld>)(w => w.Pass(TimeSpan.FromSeconds(seconds)))),
        Gen.Const((Action<ModelWorld>)(w => w.Claim = null)));

    [Test]
    public void Every_history_ends_well() => Happening.Array[0, 60].Sample(history =>
    {
        var world = new ModelWorld();
        foreach (var happening in history) happening(world);
        Settle(world);

        foreach (var model in world.Models.Values)
        {
            var status = model.Status;
            var canBeFetched = model.Spec.Source is Seen.Source or "https://models.example/other.gguf";
            var isFinal = status.Phase == ModelPhases.Failed && FetchReasons.IsTerminal(status.Conditions.Find(ConditionTypes.Degraded)?.Reason);
            var wanted = !canBeFetched ? status.Phase == ModelPhases.Failed : status.Phase == ModelPhases.Ready || isFinal;
            if (!wanted || status.ObservedGeneration != model.Metadata.Generation) return false;
            var types = status.Conditions!.Select(c => c.Type).Order().ToList();
            if (!types.SequenceEqual(status.Phase == ModelPhases.Ready ? [ConditionTypes.Available] : [ConditionTypes.Available, ConditionTypes.Degraded])) return false;
        }

        return world.Jobs.Count == 0;
    });

    [Test]
    public void Many_models_of_one_source_make_one_fetch()
    {
        var world = new ModelWorld();
        foreach (var name in Names) world.Put(name, Seen.Source);

        Settle(world);

        Assert.That(world.Fetches, Is.EqualTo(1));
        Assert.That(world.Models.Values.Select(m => m.Status.Phase), Has.All.EqualTo(ModelPhases.Ready));
    }

    // From here on every fetch succeeds and nobody edits; the clock goes on as the controller asks to be woken.
    private static void Settle(ModelWorld world)
    {
        for (var round = 0; round < 100; round++)
        {
            foreach (var job in world.Jobs.Values.ToList()) Advance(world, job, outcome: 6);
            var changed = false;
            foreach (var model in world.Models.Values.ToList()) changed |= world.Reconcile(model);
            if (!changed && world.Jobs.Count == 0) return;
            world.Pass(TimeSpan.FromMinutes(1));
        }

        Assert.Fail("It does not come to rest.");
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
        world.Advance(job, state, condition);
    }
}
