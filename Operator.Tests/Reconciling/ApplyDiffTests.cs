using System.Text.Json.Nodes;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tests.InferenceServices;

namespace LlmKube.Operator.Tests.Reconciling;

public sealed class ApplyDiffTests
{
    private static readonly ObjectRef Key = new("Deployment", A.Namespace, "chat");

    private static readonly Dictionary<string, (Action<InferenceServiceSpec> Then, string? Want)> Edits = new()
    {
        ["nothing"] = (_ => { }, null),
        ["the same quantity in other words"] = (s => s.Resources!.Cpu = "2000m", null),
        ["another quantity"] = (s => s.Resources!.Cpu = "3", "spec.template.spec.containers[name=llama-server].resources.requests.cpu"),
        ["a quantity is no longer named"] = (s => s.Resources!.Cpu = null, "spec.template.spec.containers[{\"name\":\"llama-server\"}].resources"),
        ["an argument"] = (s => s.ContextSize = 4096, "spec.template.spec.containers[name=llama-server].args"),
        ["another port"] = (s => s.Endpoint = new EndpointSpec { Port = 9000 }, "spec.template.spec.containers[name=llama-server].args"),
        ["more replicas"] = (s => s.Replicas = 3, "metadata.annotations.inference.llmkube.dev/asked-replicas"),
        ["another node label"] = (s => s.NodeSelector!["disk"] = "slow", "spec.template.spec.nodeSelector"),
        ["one node label less"] = (s => s.NodeSelector!.Remove("zone"), "spec.template.spec.nodeSelector"),
        ["no node labels any more"] = (s => s.NodeSelector = null, "spec.template.spec.nodeSelector"),
        ["a toleration"] = (s => s.Tolerations = [new V1Toleration { Key = "x", OperatorProperty = "Exists" }], "spec.template.spec.tolerations"),
        ["the same variables"] = (s => s.Env = [.. s.Env!.Select(e => new V1EnvVar { Name = e.Name, Value = e.Value })], null),
        ["the same variables in another order"] = (s => s.Env = [.. s.Env!.Reverse()], "spec.template.spec.containers[name=llama-server].env[name=A]"),
        ["the same pull secrets in another order"] = (s => s.ImagePullSecrets = [.. s.ImagePullSecrets!.Reverse()], "spec.template.spec.imagePullSecrets[name=first]"),
        ["a variable in front"] = (s => s.Env!.Insert(0, new V1EnvVar { Name = "Z", Value = "z" }), "spec.template.spec.containers[name=llama-server].env[name=Z]"),
        ["one variable less"] = (s => s.Env!.RemoveAt(0), "spec.template.spec.containers[{\"name\":\"llama-server\"}].env[{\"name\":\"A\"}]"),
        ["another model"] = (s => s.ModelRef = "other", "metadata.labels.inference.llmkube.dev/model"),
    };

    public static IEnumerable<string> Names => Edits.Keys;

    [TestCaseSource(nameof(Names))]
    public void An_edit_is_seen_by_its_field(string edit)
    {
        var world = new AppliedWorld();
        world.Run([Apply(Spec, world)]);
        var changed = Apply(s => { Spec(s); Edits[edit].Then(s); }, world);

        var sent = world.Run([changed]);

        Assert.That(sent, Edits[edit].Want is { } field ? Is.EqualTo(new[] { $"Deployment: {field}" }) : Is.Empty);
        Assert.That(world.Run([Apply(s => { Spec(s); Edits[edit].Then(s); }, world)]), Is.Empty, "once is enough");
    }

    private static readonly Dictionary<string, Action<JsonObject>> Others = new()
    {
        ["an annotation for a restart"] = d => Template(d)["metadata"]!["annotations"] = new JsonObject { ["kubectl.kubernetes.io/restartedAt"] = "now" },
        ["a label"] = d => ((JsonObject)d["metadata"]!["labels"]!)["team"] = "red",
        ["a sidecar"] = d => ((JsonArray)Template(d)["spec"]!["containers"]!).Insert(0, new JsonObject { ["name"] = "proxy", ["image"] = "proxy:1" }),
        ["a volume"] = d => ((JsonArray)Template(d)["spec"]!["volumes"]!).Add(new JsonObject { ["name"] = "certs", ["emptyDir"] = new JsonObject() }),
        ["an environment variable before ours"] = d => Variables(d).Insert(0, new JsonObject { ["name"] = "X", ["value"] = "x" }),
        ["an environment variable between ours"] = d => Variables(d).Insert(1, new JsonObject { ["name"] = "X", ["value"] = "x" }),
        ["an environment variable after ours"] = d => Variables(d).Add(new JsonObject { ["name"] = "X", ["value"] = "x" }),
        ["a status"] = d => d["status"] = new JsonObject { ["readyReplicas"] = 1 },
    };

    public static IEnumerable<string> OtherNames => Others.Keys;

    [TestCaseSource(nameof(OtherNames))]
    public void What_others_add_is_no_difference(string addition)
    {
        var world = new AppliedWorld();
        world.Run([Apply(Spec, world)]);
        world.Edit("Deployment", "chat", Others[addition]);

        Assert.That(world.Run([Apply(Spec, world)]), Is.Empty);
    }

    [Test]
    public void What_others_change_of_ours_is_set_right()
    {
        var world = new AppliedWorld();
        world.Run([Apply(Spec, world)]);
        world.Edit("Deployment", "chat", d => Template(d)["spec"]!["containers"]![0]!["image"] = "hijacked:1");

        Assert.That(world.Run([Apply(Spec, world)]), Is.EqualTo(new[] { "Deployment: spec.template.spec.containers[name=llama-server].image" }));
        Assert.That(world.Find<V1Deployment>("Deployment", "chat")!.Spec.Template.Spec.Containers[0].Image, Is.EqualTo(InferenceServiceDefaults.Image));
    }

    [Test]
    public void How_pods_are_replaced_is_ours_alone()
    {
        var world = new AppliedWorld();
        world.Run([Apply(Spec, world)]);
        world.Edit("Deployment", "chat", d => d["spec"]!["strategy"] = new JsonObject { ["type"] = "Recreate" });

        Assert.That(world.Run([Apply(Spec, world)]), Is.EqualTo(new[] { "Deployment: spec.strategy.rollingUpdate" }));
    }

    [Test]
    public void An_empty_text_that_the_API_server_does_not_store_is_no_difference()
    {
        static JsonObject With(string text) => new()
        {
            ["spec"] = new JsonObject
            {
                ["value"] = text,
                ["env"] = new JsonArray(new JsonObject { ["name"] = "A", ["value"] = text }),
                ["tolerations"] = new JsonArray(new JsonObject { ["key"] = text, ["operator"] = "Exists" }),
            },
        };
        var stored = (JsonObject)JsonNode.Parse("""{"spec":{"env":[{"name":"A"}],"tolerations":[{"operator":"Exists"}]}}""")!;

        Assert.That(ApplyDiff.FirstDifference(With(""), stored, FieldManagers.Operator), Is.Null);
        Assert.That(ApplyDiff.FirstDifference(With("x"), stored, FieldManagers.Operator), Is.EqualTo("spec.value"));
        Assert.That(ApplyDiff.FirstDifference(With(""), With("x"), FieldManagers.Operator), Is.EqualTo("spec.value"));
    }

    [Test]
    public void An_empty_list_in_what_the_API_takes_whole_is_no_difference()
    {
        const string Stored =
            """
            {"spec":{
              "affinity":{"nodeAffinity":{"preferred":[{"weight":1,"preference":{"matchExpressions":[{"key":"gpu","operator":"Exists"}]}}]}},
              "topologySpreadConstraints":[{"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"chat"}}}]}}
            """;
        static JsonObject With(string what, string instead) => (JsonObject)JsonNode.Parse(Stored.Replace(what, instead, StringComparison.Ordinal))!;
        const string Exists = "\"Exists\"", Chat = "\"chat\"", Labels = "{\"app\":\"chat\"}", Spread = "spec.topologySpreadConstraints[topologyKey=zone,whenUnsatisfiable=DoNotSchedule].labelSelector";
        var stored = With("x", "x");

        Assert.That(ApplyDiff.FirstDifference(With(Exists, Exists + ",\"values\":[]"), stored, FieldManagers.Operator), Is.Null);
        Assert.That(ApplyDiff.FirstDifference(With(Labels, Labels + ",\"matchExpressions\":[]"), stored, FieldManagers.Operator), Is.Null);
        Assert.That(ApplyDiff.FirstDifference(With(Exists, Exists + ",\"values\":[\"a\"]"), stored, FieldManagers.Operator), Is.EqualTo("spec.affinity.nodeAffinity.preferred"));
        Assert.That(ApplyDiff.FirstDifference(With(Chat, Chat + ",\"team\":\"\""), stored, FieldManagers.Operator), Is.EqualTo(Spread), "an empty label is one");
        Assert.That(ApplyDiff.FirstDifference(stored, With(Chat, Chat + ",\"team\":\"\""), FieldManagers.Operator), Is.EqualTo(Spread));
    }

    [TestCase("""{"spec":{"nodeSelector":{"disk":""}}}""", """{"spec":{"nodeSelector":{"zone":"a"}}}""", "spec.nodeSelector")]
    [TestCase("""{"spec":{"selector":{"app":"x","team":""}}}""", """{"spec":{"selector":{"app":"x"}}}""", "spec.selector")]
    [TestCase("""{"spec":{"terms":[{"namespaceSelector":{}}]}}""", """{"spec":{"terms":[{}]}}""", "spec.terms")]
    public void What_is_empty_and_says_something_is_a_difference(string desired, string observed, string field) =>
        Assert.That(ApplyDiff.FirstDifference((JsonObject)JsonNode.Parse(desired)!, (JsonObject)JsonNode.Parse(observed)!, FieldManagers.Operator), Is.EqualTo(field));

    [Test]
    public void An_empty_label_that_is_missing_is_a_difference() =>
        Assert.That(
            ApplyDiff.FirstDifference(
                new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["a"] = "" } } },
                new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["b"] = "" } } },
                FieldManagers.Operator),
            Is.EqualTo("metadata.labels.a"));

    [Test]
    public void Variables_that_others_put_into_another_order_are_set_right()
    {
        var world = new AppliedWorld();
        world.Run([Apply(Spec, world)]);
        world.Edit("Deployment", "chat", d => Variables(d).Insert(2, Variables(d)[3]!.DeepClone()));
        world.Edit("Deployment", "chat", d => Variables(d).RemoveAt(4));

        Assert.That(world.Run([Apply(Spec, world)]), Is.EqualTo(new[] { "Deployment: spec.template.spec.containers[name=llama-server].env[name=B]" }));
        Assert.That(world.Find<V1Deployment>("Deployment", "chat")!.Spec.Template.Spec.Containers[0].Env.Select(e => e.Name), Is.EqualTo(new[] { "HOME", Drain.AddressVariable, "A", "B" }));
    }

    [Test]
    public void Replicas_that_another_manager_has_taken_over_are_left_to_it()
    {
        var world = new AppliedWorld();
        world.Run([Apply(Spec, world)]);
        world.Apply(Key, new JsonObject { ["apiVersion"] = "apps/v1", ["kind"] = "Deployment", ["metadata"] = new JsonObject { ["name"] = "chat" }, ["spec"] = new JsonObject { ["replicas"] = 7 } }, "autoscaler");

        world.Run([Apply(Spec, world)]);

        Assert.That(world.Find<V1Deployment>("Deployment", "chat")!.Spec.Replicas, Is.EqualTo(7));
        world.Run([Apply(s => { Spec(s); s.Replicas = 0; }, world)]);
        Assert.That(world.Find<V1Deployment>("Deployment", "chat")!.Spec.Replicas, Is.Zero, "a service that is to stop is stopped");
    }

    private static DesiredAction.Apply Apply(Action<InferenceServiceSpec> spec, AppliedWorld world)
    {
        var observed = world.Find<V1Deployment>("Deployment", "chat");
        return new(A.Build(A.Service(with: spec), A.Model(), observed), observed);
    }

    private static void Spec(InferenceServiceSpec spec)
    {
        spec.Resources = new InferenceResources { Cpu = "2" };
        spec.Env = [new V1EnvVar { Name = "A", Value = "a" }, new V1EnvVar { Name = "B", Value = "$(A)" }];
        spec.ImagePullSecrets = [new V1LocalObjectReference { Name = "first" }, new V1LocalObjectReference { Name = "second" }];
        spec.NodeSelector = new Dictionary<string, string> { ["disk"] = "fast", ["zone"] = "a" };
    }

    private static JsonArray Variables(JsonObject deployment) => (JsonArray)Template(deployment)["spec"]!["containers"]![0]!["env"]!;

    private static JsonNode Template(JsonObject deployment) => deployment["spec"]!["template"]!;
}
