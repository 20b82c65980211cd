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
    private const string Cuda = Old + "-cuda";

    private static readonly OperatorOptions s_newer = new() { ServerImages = new() { Mirror = "registry.example" } };

    /// <param name="Image">What is served with afterwards.</param>
    /// <param name="Pending">The reason of the condition UpgradePending.</param>
    /// <param name="Turn">The annotation that says that the service has a turn.</param>
    private sealed record Story(string Image, string? Pending = null, string? Turn = null)
    {
        public OperatorOptions Options { get; init; } = s_newer;

        public Action<InferenceService> User { get; init; } = _ => { };

        public Action<JsonObject> Deployment { get; init; } = _ => { };

        /// <summary>What somebody else has applied to the Deployment since.</summary>
        public string? Hand { get; init; }

        public Model Before { get; init; } = A.Model();

        /// <summary>The Model as it is now; null: there is none any more.</summary>
        public Func<Model, Model?> Model { get; init; } = m => m;

        public LoadReport? Load { get; init; }

        public V1Service? Endpoint { get; init; }

        public bool HasTurn { get; init; }

        public V1Pod[] Pods { get; init; } = [A.Pod("a", ready: true)];

        /// <summary>How many objects are written.</summary>
        public int Writes { get; init; } = 1;
    }

    private static readonly Dictionary<string, Story> Stories = new()
    {
        ["the same options write nothing"] = new(Old) { Options = new(), Writes = 0 },
        ["other options wait for a turn"] = new(Old, Reasons.WaitingForTurn) { Writes = 0 },
        ["and take it"] = new(New, Reasons.Upgrading, "1") { HasTurn = true },
        ["a user's change does not wait"] = new(New) { User = Wishing(s => s.ContextSize = 4096) },
        ["another number of pods takes effect and leaves the rest waiting"] = new(Old, Reasons.WaitingForTurn) { User = Wishing(s => s.Replicas = 2), Writes = 2 },
        ["nor does a service that is stopped"] = new(New) { User = Wishing(s => s.Replicas = 0) },
        ["one that does not serve has nothing to lose"] = new(New) { Pods = [A.Pod("a")] },
        ["pods that are being replaced anyway are replaced by newer ones"] = new(New) { Deployment = d => d["status"]!["replicas"] = 2 },
        ["what a hand has changed is healed at once"] = new(Old) { Options = new(), Deployment = d => Server(d)["image"] = "other:1" },
        ["also while others have their turns, by the newer pods"] = new(New) { Hand = Container("\"image\": \"other:1\"") },
        ["as is what it has removed"] = new(New) { Deployment = d => Server(d).Remove("readinessProbe") },
        ["what somebody adds is nobody's business"] = new(Old, Reasons.WaitingForTurn) { Hand = Container("\"env\": [{\"name\": \"A\", \"value\": \"b\"}]"), Writes = 0 },
        ["a user's change that no pod can see waits like the rest"] =
            new(Old, Reasons.WaitingForTurn) { User = Wishing(s => s.Endpoint = new() { Type = "NodePort", Path = "/v1" }), Writes = 2 },
        ["so does one of a Model"] = new(Old, Reasons.WaitingForTurn) { Model = Edited(m => (m.DeletionPolicy, m.Prefetch, m.SourceSecretRef) = ("Delete", true, new() { Name = "token" })) },
        ["a Model's that pods can see does not"] = new(New) { Model = Edited(m => m.Resources = new() { Memory = "3Gi" }) },
        ["what somebody has created from a copy waits untouched"] = new(Old, Reasons.WaitingForTurn) { Deployment = Copied, Writes = 0 },
        ["also without what was remembered"] = new(Old, Reasons.WaitingForTurn) { Deployment = d => { Copied(d); Forget(d); } },
        ["and is replaced in its turn"] = new(New, Reasons.Upgrading, "1") { Deployment = Copied, HasTurn = true },
        ["an operator that remembered nothing is taken for older"] = new(Old, Reasons.WaitingForTurn) { Deployment = Forget },
        ["and what it made the same is left alone"] = new(Old) { Options = new(), Deployment = Forget },
        ["a turn goes on while fewer serve than before"] = new(Old, Reasons.Upgrading, "2") { Options = new(), Deployment = Upgrading("2"), User = Wishing(s => s.Replicas = 3), Writes = 2 },
        ["and while old pods are there"] = new(Old, Reasons.Upgrading, "1") { Options = new(), Deployment = Replacing(), Writes = 0 },
        ["it is over when as many serve again"] = new(Old) { Options = new(), Deployment = Upgrading("1") },
        ["one that fails says that others wait for it"] =
            new(Old, Reasons.UpgradeFailed, "1") { Options = new(), Deployment = Replacing(), Pods = [A.Pod("a", ready: true), A.Crashing("b")], Writes = 0 },
        ["and takes a newer mend at once, with its turn"] =
            new(New, Reasons.Upgrading, "1") { Deployment = Replacing(), Pods = [A.Pod("a", ready: true), A.Pod("b")] },
        ["also where no old pod is left"] = new(New, Reasons.Upgrading, "2") { Deployment = Upgrading("2"), User = Wishing(s => s.Replicas = 2), Writes = 2 },
        ["a user's change ends its turn"] = new(New) { Deployment = Upgrading("1"), User = Wishing(s => s.ContextSize = 4096) },
        ["one that finds no place may yet find it"] =
            new(Old, Reasons.Upgrading, "1") { Options = new(), Deployment = Replacing(), Pods = [A.Pod("a", ready: true), Unplaced(minutes: 4)], Writes = 0 },
        ["or says that others wait"] =
            new(Old, Reasons.UpgradeStalled, "1") { Options = new(), Deployment = Replacing(), Pods = [A.Pod("a", ready: true), Unplaced(minutes: 5)], Writes = 0 },
        ["also when no old pod is left"] = new(Old, Reasons.UpgradeStalled, "1") { Options = new(), Deployment = Upgrading("1"), Pods = [Unplaced(minutes: 5)], Writes = 0 },
        ["as does one that is paused"] =
            new(Old, Reasons.UpgradeStalled, "1") { Options = new(), Deployment = d => { Replacing()(d); d["spec"]!["paused"] = true; }, Writes = 0 },
        ["a turn is over when the service is stopped"] = new(Old) { Options = new(), Deployment = Replacing(), User = Wishing(s => s.Replicas = 0) },
        ["one of another's making is none"] = new(Old, Turn: "1") { Options = new(), Deployment = d => d["metadata"]!["annotations"]![Annotations.Upgrade] = "1", Writes = 0 },
        ["a mistaken service gives its turn back"] = new(Old) { Deployment = Replacing(), User = Wishing(s => s.ContextSize = -1) },
        ["so does one whose Model is mistaken"] = new(Old) { Deployment = Replacing(), Model = Edited(m => m.Resources = new() { Memory = "much" }) },
        ["or failed"] = new(Old) { Deployment = Replacing(), Model = _ => A.Model(ModelPhases.Failed) },
        ["or is gone"] = new(Old) { Deployment = Replacing(), Model = _ => null },
        ["and that is stopped"] = new(Old) { Deployment = Replacing(), Model = _ => null, User = Wishing(s => s.Replicas = 0), Writes = 2 },
        ["or finds its name taken"] = new(Old) { Deployment = Replacing(), Endpoint = new() { Metadata = new() { Name = "chat" } } },
        ["servers that have GPUs have to use them"] = new(Cuda) { Options = new(), Before = A.GpuModel(), Deployment = Upgrading("1"), Load = new LoadReport.Offload("CUDA0", 31, 31) },
        ["until that is known the turn goes on"] = new(Cuda, Reasons.Upgrading, "1") { Options = new(), Before = A.GpuModel(), Deployment = Upgrading("1"), Writes = 0 },
        ["where nobody says it the turn is over"] = new(Cuda) { Options = new(), Before = A.GpuModel(), Deployment = Upgrading("1"), Load = new LoadReport.Unsaid() },
        ["on the CPU they have failed"] =
            new(Cuda, Reasons.UpgradeFailed, "1") { Options = new(), Before = A.GpuModel(), Deployment = Upgrading("1"), Load = new LoadReport.Offload(null, 0, 31), Writes = 0 },
        ["unless they computed there before"] = new(Cuda) { Options = new(), Before = A.GpuModel(), Deployment = Upgrading("1 cpu"), Load = new LoadReport.Offload(null, 0, 31) },
        ["which is remembered"] = new("registry.example/llama.cpp:server-cuda", Reasons.Upgrading, "1 cpu")
        {
            HasTurn = true,
            Before = A.GpuModel(),
            User = s => s.Status = new() { Conditions = [new() { Type = ConditionTypes.Accelerated, Status = "False", Reason = Reasons.CPUFallback }] },
            Load = new LoadReport.Offload(null, 0, 31),
        },
    };

    public static IEnumerable<string> Names => Stories.Keys;

    [TestCaseSource(nameof(Names))]
    public void Decides(string name)
    {
        var (story, world, service) = (Stories[name], new AppliedWorld(), A.Service());
        world.Run(ServiceDecider.Decide(A.Seen(service, story.Before)).Actions);
        world.Edit("Deployment", "chat", d => d["status"] = new JsonObject { ["observedGeneration"] = 1, ["replicas"] = 1, ["updatedReplicas"] = 1, ["readyReplicas"] = 1 });
        world.Edit("Deployment", "chat", story.Deployment);
        if (story.Hand is { } hand) world.Apply(new("Deployment", A.Namespace, "chat"), (JsonObject)JsonNode.Parse(hand)!, "kubectl-edit");
        story.User(service);
        var model = story.Model(story.Before);
        var before = world.Writes;

        var seen = A.Seen(service, model, noModel: model is null, Deployment(), story.Endpoint ?? world.Find<V1Service>("Service", "chat"), pods: story.Pods) with
        {
            Options = story.Options,
            HasTurn = story.HasTurn,
            Loads = AccelerationDecider.IsAsked(A.Seen(service, model)) ? story.Pods.ToDictionary(p => p.Metadata.Name, _ => story.Load) : new(),
        };
        var decision = ServiceDecider.Decide(seen);
        var sent = world.Run(decision.Actions);

        Assert.Multiple(() =>
        {
            Assert.That(Deployment().Spec.Template.Spec.Containers[0].Image, Is.EqualTo(story.Image), string.Join(", ", sent));
            Assert.That(decision.Status.Conditions.Find(ConditionTypes.UpgradePending)?.Reason, Is.EqualTo(story.Pending));
            Assert.That(Deployment().Metadata.Annotations.TryGetValue(Annotations.Upgrade, out var turn) ? turn : null, Is.EqualTo(story.Turn));
            Assert.That(world.Writes - before, Is.EqualTo(story.Writes), string.Join(", ", sent));
        });
        Assert.That(world.Run(ServiceDecider.Decide(seen with { Deployment = Deployment(), Endpoint = story.Endpoint ?? world.Find<V1Service>("Service", "chat"), Budget = world.Find<V1PodDisruptionBudget>("PodDisruptionBudget", "chat") }).Actions), Is.Empty, "and that is all");

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

    [TestCase(true, Reasons.UpgradeFailed)]
    [TestCase(false, null)]
    public void A_turn_that_is_refused_has_failed(bool hasTurn, string? pending)
    {
        var failure = new ActionFailure(new DesiredAction.Apply(A.Build(A.Service(), A.Model()), null), new InvalidOperationException("denied by policy"));

        var said = ServiceDecider.Refused(A.Seen() with { HasTurn = hasTurn }, failure).Status.Conditions.Find(ConditionTypes.UpgradePending);

        Assert.That(said?.Reason, Is.EqualTo(pending));
        Assert.That(said?.Message ?? "denied by policy", Does.Contain("denied by policy"));
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

    private static Func<Model, Model> Edited(Action<ModelSpec> change) => _ =>
    {
        var model = A.Model(with: change);
        (model.Metadata.Generation, model.Status.ObservedGeneration) = (2, 2);
        return model;
    };

    private static string Container(string with) =>
        $"{{\"apiVersion\": \"apps/v1\", \"spec\": {{\"template\": {{\"spec\": {{\"containers\": [{{\"name\": \"llama-server\", {with}}}]}}}}}}}}";

    private static V1Pod Unplaced(int minutes) => A.Unschedulable("b", words: "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.", waitingMinutes: minutes);

    // As kubectl create does it with what kubectl get -o yaml has written.
    private static void Copied(JsonObject deployment)
    {
        var entry = deployment["metadata"]!["managedFields"]![0]!;
        (entry["manager"], entry["operation"]) = ("kubectl-create", "Update");
    }

    private static Action<JsonObject> Replacing() => d =>
    {
        Upgrading("1")(d);
        d["status"]!["replicas"] = 2;
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
