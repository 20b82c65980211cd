using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.Tests.Models;

[TestFixture]
internal sealed class FetchJobBuilderTests
{
    [Test]
    public void Names_and_labels_are_valid_whatever_the_model_is_called()
    {
        var name = string.Join('.', Enumerable.Repeat(new string('a', 60), 4)) + ".x";
        var job = Build(Seen.Of(Seen.Model(name)));

        Assert.That(job.Metadata.Name, Does.Match("^[a-z0-9-]{1,63}$"));
        Assert.That(job.Metadata.Labels.Values.Concat(job.Spec.Template.Metadata.Labels.Values), Has.All.Match("^[a-z0-9A-Z-]{1,63}$"));
        Assert.That(job.Metadata.OwnerReferences.Single().Name, Is.EqualTo(name));
    }

    [Test]
    public void It_is_owned_by_every_model_of_the_source_and_looks_the_same_to_each()
    {
        var (a, b) = (Seen.Model("a"), Seen.Model("b"));

        var ofA = Build(Seen.Of(a) with { Siblings = [b] });
        var ofB = Build(Seen.Of(b) with { Siblings = [a] });

        Assert.That(ofA.Metadata.OwnerReferences.Select(o => o.Uid), Is.EqualTo(["uid-of-a", "uid-of-b"]));
        Assert.That(KubernetesJson.Serialize(ofB), Is.EqualTo(KubernetesJson.Serialize(ofA)));
    }

    [Test]
    public void It_asks_for_no_privilege_no_token_and_no_gpu()
    {
        var pod = Build(Seen.Of(Seen.Model(spec: s => s.Hardware = new HardwareSpec { Gpu = new GpuSpec { Count = 2 } }))).Spec.Template.Spec;
        var container = pod.Containers.Single();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(pod.AutomountServiceAccountToken, Is.False);
            Assert.That(pod.SecurityContext.RunAsNonRoot, Is.True);
            Assert.That(container.SecurityContext.AllowPrivilegeEscalation, Is.False);
            Assert.That(container.SecurityContext.ReadOnlyRootFilesystem, Is.True);
            Assert.That(container.SecurityContext.Capabilities.Drop, Is.EqualTo(["ALL"]));
            Assert.That(container.Resources.Limits, Is.Null, "a limit is the user's to name");
            Assert.That(pod.Tolerations.Single().Key, Is.EqualTo("nvidia.com/gpu"));
            Assert.That(pod.Affinity.NodeAffinity.PreferredDuringSchedulingIgnoredDuringExecution.Single().Preference.MatchExpressions.Single().Key, Is.EqualTo("nvidia.com/gpu.present"));
        }
    }

    [Test]
    public void It_goes_where_the_waiting_services_will_be()
    {
        var taint = new V1Toleration { Key = "dedicated", OperatorProperty = "Equal", Value = "llm", Effect = "NoSchedule" };
        var seen = Seen.Of(Seen.Model()) with
        {
            Services =
            [
                Seen.Service("first", spec: s => { s.NodeSelector = new Dictionary<string, string> { ["pool"] = "a" }; s.Tolerations = [taint]; }),
                Seen.Service("second", spec: s => { s.NodeSelector = new Dictionary<string, string> { ["pool"] = "b", ["zone"] = "1" }; s.Tolerations = [taint]; s.Resources = new InferenceResources { Gpu = 1 }; }),
            ],
        };

        var pod = Build(seen).Spec.Template.Spec;

        Assert.That(pod.NodeSelector, Is.EquivalentTo(new Dictionary<string, string> { ["pool"] = "a" }), "the oldest one's, and nothing that might contradict it");
        Assert.That(pod.Tolerations.Select(t => t.Key), Is.EqualTo(["nvidia.com/gpu", "dedicated"]));
    }

    [Test]
    public void A_service_that_cannot_run_has_no_say()
    {
        var taint = new V1Toleration { Key = "k", OperatorProperty = "Exists", Effect = "NoSchedule", TolerationSeconds = 60 };
        var seen = Seen.Of(Seen.Model()) with
        {
            Services =
            [
                Seen.Service("label", spec: s => s.NodeSelector = new Dictionary<string, string> { ["disk"] = "not valid!" }),
                Seen.Service("taint", spec: s => { s.NodeSelector = new Dictionary<string, string> { ["pool"] = "b" }; s.Tolerations = [taint]; }),
                Seen.Service("sound", spec: s => s.NodeSelector = new Dictionary<string, string> { ["pool"] = "a" }),
            ],
        };

        var pod = Build(seen).Spec.Template.Spec;

        Assert.That(pod.NodeSelector, Is.EquivalentTo(new Dictionary<string, string> { ["pool"] = "a" }));
        Assert.That(pod.Tolerations, Is.Null);
    }

    [Test]
    public void What_its_models_tolerate_it_tolerates_unless_no_pod_could()
    {
        var taint = new V1Toleration { Key = "dedicated", OperatorProperty = "Equal", Value = "llm", Effect = "NoSchedule" };
        var mistaken = new V1Toleration { Key = "k", OperatorProperty = "Exists", Value = "v" };
        var seen = Seen.Of(Seen.Model("a", spec: s => s.PrefetchTolerations = [taint])) with
        {
            Siblings = [Seen.Model("b", spec: s => s.PrefetchTolerations = [mistaken]), Seen.Model("c", spec: s => s.PrefetchTolerations = [taint])],
        };

        Assert.That(Build(seen).Spec.Template.Spec.Tolerations.Select(t => t.Key), Is.EqualTo(["dedicated"]));
    }

    [Test]
    public void On_a_claim_that_nodes_share_it_may_run_anywhere()
    {
        var claim = Seen.Claim();
        claim.Spec.AccessModes = ["ReadWriteMany"];
        var seen = Seen.Of(Seen.Model(spec: s => s.Hardware = new HardwareSpec { Gpu = new GpuSpec { Count = 1 } })) with
        {
            Claim = claim,
            Services = [Seen.Service(spec: s => s.NodeSelector = new Dictionary<string, string> { ["pool"] = "a" })],
        };

        var pod = Build(seen).Spec.Template.Spec;

        Assert.That((pod.NodeSelector, pod.Affinity), Is.EqualTo(((IDictionary<string, string>?)null, (V1Affinity?)null)));
        Assert.That(pod.Tolerations.Single().Key, Is.EqualTo("nvidia.com/gpu"), "where every node has GPUs it has to run as well");
    }

    [Test]
    public void A_model_for_the_cpu_alone_has_no_preference()
    {
        var pod = Build(Seen.Of(Seen.Model())).Spec.Template.Spec;

        Assert.That((pod.NodeSelector, pod.Tolerations, pod.Affinity.NodeAffinity), Is.EqualTo(((IDictionary<string, string>?)null, (IList<V1Toleration>?)null, (V1NodeAffinity?)null)));
    }

    [Test]
    public void The_source_is_no_argument_and_its_secrets_are_in_no_annotation()
    {
        var job = Build(Seen.Of(Seen.Model(source: "https://user:secret@models.example/m.gguf?token=abc")));
        var container = job.Spec.Template.Spec.Containers.Single();

        Assert.That(container.Args, Is.EqualTo(["download", "--target", $"/models/{FetchJobBuilder.KeyOf(job)}/model.gguf", "--termination-log", "/dev/termination-log"]));
        Assert.That(container.Env.Single(e => e.Name == DownloadCommand.SourceVariable).Value, Does.Contain("token=abc"));
        Assert.That(job.Metadata.Annotations[Annotations.Source], Is.EqualTo("https://models.example/m.gguf"));
    }

    [Test]
    public void A_path_is_mounted_read_only_and_named_to_the_program()
    {
        var seen = Seen.Of(Seen.Model(source: "file:///srv/models/m.gguf")) with { Options = new OperatorOptions { AllowedHostPaths = ["/srv"], ModelCachePath = "/cache" } };

        var pod = Build(seen).Spec.Template.Spec;

        Assert.That(pod.Volumes.Single(v => v.HostPath is not null).HostPath, Has.Property("Path").EqualTo("/srv/models/m.gguf").And.Property("Type").EqualTo("File"));
        var mount = pod.Containers[0].VolumeMounts.Single(m => m.Name == "source");
        Assert.That(mount.ReadOnlyProperty, Is.True);
        Assert.That(pod.Containers[0].Args, Is.EqualTo(["download", "--target", $"/cache/{seen.Key}/model.gguf", "--termination-log", "/dev/termination-log", "--local-path", mount.MountPath]));
    }

    // Kubernetes makes one dollar of two, and puts a variable in the place of $(NAME).
    [Test]
    public void What_a_user_wrote_reaches_the_program_as_it_is()
    {
        var lying = Build(Seen.Of(Seen.Model(source: "pvc://weights/$(HOME)/$$.gguf"))).Spec.Template.Spec.Containers.Single();
        Assert.That(lying.Args, Has.Member("/models/$$(HOME)/$$$$.gguf"));
        Assert.That(lying.Env.Single(e => e.Name == DownloadCommand.SourceVariable).Value, Is.EqualTo("pvc://weights/$$(HOME)/$$$$.gguf"));

        var files = Build(Seen.Of(Seen.Model(source: "hf://org/repo", spec: s => s.Files = ["$(HOME).gguf"]))).Spec.Template.Spec.Containers.Single();
        Assert.That(files.Args, Has.Member("--file=$$(HOME).gguf"));
    }

    [TestCase(0, "0 B")]
    [TestCase(1023, "1023 B")]
    [TestCase(504_480, "492.7 KiB")]
    [TestCase(4_939_212_390, "4.6 GiB")]
    [TestCase(long.MaxValue, "8.0 EiB")]
    public void Sizes_are_for_people(long bytes, string text) => Assert.That(SizeText.Of(bytes), Is.EqualTo(text));

    private static V1Job Build(ModelSnapshot seen)
    {
        Assert.That(SourceAddress.TryParse(seen.Model.Spec.Source, out var source, out _), Is.True);
        return FetchJobBuilder.Build(seen, source!);
    }
}
