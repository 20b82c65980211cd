using System.Reflection;
using k8s;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Tests.Entities;

[TestFixture]
internal sealed class VocabularyTests
{
    [TestCase("https://huggingface.co/a/b/resolve/main/c.gguf", "886c2cba8998cac9")]
    [TestCase("/mnt/models/modèle.gguf", "c4d39ed406f0842d")]
    public void A_cache_key_is_the_beginning_of_the_source_s_SHA256(string source, string key) => Assert.That(CacheKey.Of(source), Is.EqualTo(key));

    [Test]
    public void A_source_is_the_same_as_another_one_if_the_same_files_are_wanted_of_it()
    {
        ModelSpec[] specs =
        [
            new() { Source = "hf://org/repo" },
            new() { Source = "hf://org/repo", Files = ["a.gguf", "b.gguf"] },
            new() { Source = "hf://org/repo", Files = ["b.gguf", "a.gguf"] },
            new() { Source = "hf://org/repo", Files = ["a.gguf"] },
            new() { Source = "hf://org/repo/a.gguf" },
        ];

        Assert.That(specs.Select(SourceIdentity.Of), Is.Unique);
        Assert.That(SourceIdentity.Of(specs[1]), Is.EqualTo(SourceIdentity.Of("hf://org/repo", ["a.gguf", "b.gguf"])));
        Assert.That(CacheKey.Of(SourceIdentity.Of(specs[1])), Is.EqualTo("dc2c03fce47c1c2e"));
    }

    [Test]
    public void Without_files_a_source_is_what_tells_it_from_others([Values(null, 0)] int? files)
    {
        var spec = new ModelSpec { Source = "https://h/m.gguf", Files = files is null ? null : [] };

        Assert.That((SourceIdentity.Of(spec), SourceIdentity.Of(spec.Source, null)), Is.EqualTo((spec.Source, spec.Source)));
    }

    [TestCase(Priorities.Critical, 1_000_000)]
    [TestCase(Priorities.High, 100_000)]
    [TestCase(Priorities.Normal, 10_000)]
    [TestCase(Priorities.Low, 1_000)]
    [TestCase(Priorities.Batch, 100)]
    public void A_priority_has_a_class_in_the_default_installation_with_its_value(string priority, int value)
    {
        var classes = YamlManifests.Read(ApiCluster.InRepository("deploy", "cluster", "priority-classes.yaml"));
        var ours = classes.Single(c => (string)c["metadata"]!["name"]! == Priorities.ClassNameOf(priority));

        Assert.That(Priorities.ValueOf(priority), Is.EqualTo(value));
        Assert.That(Priorities.ValueOfClass(Priorities.ClassNameOf(priority)), Is.EqualTo(value));
        Assert.That((long)ours["value"]!, Is.EqualTo(value));
        Assert.That((string?)ours["preemptionPolicy"], Is.EqualTo(priority == Priorities.Batch ? "Never" : null));
    }

    [TestCase("system-node-critical")]
    [TestCase("llmkube-urgent")]
    public void A_class_that_is_not_ours_has_no_value_of_ours(string name) => Assert.That(Priorities.ValueOfClass(name), Is.Null);

    [Test]
    public void A_list_of_all_names_each_of_them()
    {
        Assert.That(CacheTypes.All, Is.EquivalentTo(Constants(typeof(CacheTypes))));
        Assert.That(ModelPhases.All, Is.EquivalentTo(Constants(typeof(ModelPhases))));
        Assert.That(InferenceServicePhases.All, Is.EquivalentTo(Constants(typeof(InferenceServicePhases))));
    }

    [Test]
    public void A_reason_is_called_what_it_says() =>
        Assert.That(Constants(typeof(Reasons)), Is.EqualTo(typeof(Reasons).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => f.Name)));

    [TestCase("""{"apiVersion":"inference.llmkube.dev/v1alpha1","kind":"InferenceService","metadata":{"name":"x"}}""")]
    [TestCase("""{"kind":"InferenceService","metadata":{"name":"x"},"spec":{"tolerations":null,"resources":null,"newer":1},"status":{"phase":"Unheard","conditions":null}}""")]
    public void An_object_of_an_older_or_newer_version_can_be_read(string json)
    {
        var service = KubernetesJson.Deserialize<InferenceService>(json);

        Assert.That(service.Metadata.Name, Is.EqualTo("x"));
        Assert.That(service.Spec.ModelRef, Is.Empty);
        Assert.That(service.Spec.Tolerations, Is.Null);
    }

    [Test]
    public void What_is_not_set_is_not_written()
    {
        var json = KubernetesJson.Serialize(new Model { Spec = { Source = "/m.gguf" } });

        Assert.That(json, Does.Contain("\"kind\":\"Model\"").And.Contain("\"source\":\"/m.gguf\"").And.Not.Contain("null").And.Not.Contain("hardware"));
    }

    private static IEnumerable<string> Constants(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!);
}
