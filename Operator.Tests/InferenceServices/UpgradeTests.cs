using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tests.Reconciling;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>When pods are replaced because of the operator's own version or options, and when nobody has to wait for that.</summary>
public sealed class UpgradeTests
{
    private const string Old = "ghcr.io/ggml-org/llama.cpp:server";
    private const string New = "registry.example/llama.cpp:server";

    private static readonly OperatorOptions s_newer = new() { ServerImages = new() { Mirror = "registry.example" } };

    /// <param name="Image">What is served with afterwards.</param>
    /// <param name="Pending">The reason of the condition UpgradePending.</param>
    /// <param name="Turn">The annotation that says that the service has a turn.</param>
    private sealed record Story(string Image, string? Pending = null, string? Turn = null)
    {
        public OperatorOptions Options { get; init; } = s_newer;

        public Action<InferenceService> User { get; init; } = _ => { };

        public Action<JsonObject> Deployment { get; init; } = _ => { };

        public bool HasTurn { get; init; }

        public V1Pod[] Pods { get; init; } = [A.Pod("a", ready: true)];

        /// <summary>How many objects are written.</summary>
        public int Writes { get; init; } = 1;
    }

    private static readonly Dictionary<string, Story> Stories = new()
    {
        ["the same options write nothing"] = new(Old) { Options = new(), Writes = 0 },
        ["other options wait for a turn"] = new(Old, Reasons.WaitingForTurn) { Writes = 0 },
        ["and take it"] = new(New, Turn: "1") { HasTurn = true },
        ["a user's change does not wait"] = new(New) { User = Wishing(s => s.ContextSize = 4096) },
        ["another number of pods takes effect and leaves the rest waiting"] = new(Old, Reasons.WaitingForTurn) { User = Wishing(s => s.Replicas = 2), Writes = 2 },
        ["nor does a service that is stopped"] = new(New) { User = Wishing(s => s.Replicas = 0) },
        ["one that does not serve has nothing to lose"] = new(New) { Pods = [A.Pod("a")] },
        ["pods that are being replaced anyway are replaced by newer ones"] = new(New) { Deployment = d => d["status"]!["replicas"] = 2 },
        ["what a hand has changed is healed at once"] = new(Old) { Options = new(), Deployment = d => Server(d)["image"] = "other:1" },
        ["also while others have their turns"] = new(Old) { Options = new(), Deployment = d => Server(d).Remove("readinessProbe") },
        ["an operator that remembered nothing is taken for older"] = new(Old, Reasons.WaitingForTurn) { Deployment = Forget },
        ["and what it made the same is left alone"] = new(Old) { Options = new(), Deployment = Forget },
        ["a turn goes on while fewer serve than before"] = new(Old, Turn: "2") { Options = new(), Deployment = Upgrading("2"), User = Wishing(s => s.Replicas = 3), Writes = 2 },
        ["and while old pods are there"] = new(Old, Turn: "1") { Options = new(), Deployment = d => { Upgrading("1")(d); d["status"]!["replicas"] = 2; }, Writes = 0 },
        ["it is over when as many serve again"] = new(Old) { Options = new(), Deployment = Upgrading("1") },
        ["one that fails says that others wait for it"] =
            new(Old, Reasons.UpgradeFailed, Turn: "1") { Options = new(), Deployment = d => { Upgrading("1")(d); d["status"]!["replicas"] = 2; }, Pods = [A.Pod("a", ready: true), A.Crashing("b")], Writes = 0 },
        ["and takes a newer mend at once, with its turn"] =
            new(New, Turn: "1") { Deployment = d => { Upgrading("1")(d); d["status"]!["replicas"] = 2; }, Pods = [A.Pod("a", ready: true), A.Pod("b")] },
        ["a user's change ends its turn"] = new(New) { Deployment = Upgrading("1"), User = Wishing(s => s.ContextSize = 4096) },
    };

    public static IEnumerable<string> Names => Stories.Keys;

    [TestCaseSource(nameof(Names))]
    public void Decides(string name)
    {
        var (story, world, service) = (Stories[name], new AppliedWorld(), A.Service());
        world.Run(ServiceDecider.Decide(A.Seen(service)).Actions);
        world.Edit("Deployment", "chat", d => d["status"] = new JsonObject { ["observedGeneration"] = 1, ["replicas"] = 1, ["updatedReplicas"] = 1, ["readyReplicas"] = 1 });
        world.Edit("Deployment", "chat", story.Deployment);
        story.User(service);
        var before = world.Writes;

        var seen = A.Seen(service, deployment: Deployment(), endpoint: world.Find<V1Service>("Service", "chat"), pods: story.Pods) with { Options = story.Options, HasTurn = story.HasTurn };
        var decision = ServiceDecider.Decide(seen);
        var sent = world.Run(decision.Actions);

        Assert.Multiple(() =>
        {
            Assert.That(Deployment().Spec.Template.Spec.Containers[0].Image, Is.EqualTo(story.Image), string.Join(", ", sent));
            Assert.That(decision.Status.Conditions.Find(ConditionTypes.UpgradePending)?.Reason, Is.EqualTo(story.Pending));
            Assert.That(Deployment().Metadata.Annotations.TryGetValue(Annotations.Upgrade, out var turn) ? turn : null, Is.EqualTo(story.Turn));
            Assert.That(world.Writes - before, Is.EqualTo(story.Writes), string.Join(", ", sent));
        });
        Assert.That(world.Run(ServiceDecider.Decide(seen with { Deployment = Deployment(), Budget = world.Find<V1PodDisruptionBudget>("PodDisruptionBudget", "chat") }).Actions), Is.Empty, "and that is all");

        V1Deployment Deployment() => world.Find<V1Deployment>("Deployment", "chat")!;
    }

    [Test]
    public void What_the_user_has_changed_while_it_waited_goes_with_the_rest()
    {
        var (world, service) = (new AppliedWorld(), A.Service());
        world.Run(ServiceDecider.Decide(A.Seen(service)).Actions);
        world.Edit("Deployment", "chat", d => { d["status"] = new JsonObject { ["observedGeneration"] = 1, ["replicas"] = 1, ["updatedReplicas"] = 1 }; Forget(d); });
        world.Run(ServiceDecider.Decide(Seen()).Actions);
        Assert.That(Image(), Is.EqualTo(Old));

        Wishing(s => s.ContextSize = 4096)(service);
        world.Run(ServiceDecider.Decide(Seen()).Actions);

        Assert.That(Image(), Is.EqualTo(New));

        ServiceSnapshot Seen() => A.Seen(service, deployment: world.Find<V1Deployment>("Deployment", "chat"), endpoint: world.Find<V1Service>("Service", "chat"), pods: [A.Pod("a", ready: true)]) with { Options = s_newer };
        string Image() => world.Find<V1Deployment>("Deployment", "chat")!.Spec.Template.Spec.Containers[0].Image;
    }

    [Test]
    public void No_version_of_the_operator_is_in_what_it_makes()
    {
        var made = KubernetesJson.Serialize(A.Build(A.Service(), A.Model()));

        Assert.That(made, Does.Not.Contain(typeof(Upgrade).Assembly.GetName().Version!.ToString(3)));
    }

    private static Action<InferenceService> Wishing(Action<InferenceServiceSpec> change) => service =>
    {
        change(service.Spec);
        service.Metadata.Generation = 2;
    };

    private static Action<JsonObject> Upgrading(string served) => d =>
    {
        d["metadata"]!["annotations"]![Annotations.Upgrade] = served;
        d["metadata"]!["managedFields"]![0]!["fieldsV1"]!["f:metadata"]!["f:annotations"]![$"f:{Annotations.Upgrade}"] = new JsonObject();
    };

    private static void Forget(JsonObject deployment)
    {
        var annotations = (JsonObject)deployment["metadata"]!["annotations"]!;
        annotations.Remove(Annotations.AppliedFor);
        annotations.Remove(Annotations.DesiredHash);
    }

    private static JsonObject Server(JsonObject deployment) => (JsonObject)deployment["spec"]!["template"]!["spec"]!["containers"]![0]!;
}
