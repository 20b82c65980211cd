using System.Text;

namespace LlmKube.Operator.Engine.Tests.Cli;

[TestFixture]
internal sealed class DescriptionsTests
{
    [TestCase("/// <summary>What it is.</summary>", "What it is.")]
    [TestCase("/// <summary>\n/// What it is,\n///   on two lines.\n/// </summary>", "What it is, on two lines.")]
    [TestCase("/// <summary>As <c>--flag</c> with <see cref=\"ZooSpec.Other\"/> and <see langword=\"true\"/>.</summary>", "As --flag with Other and true.")]
    [TestCase("/// <summary>a &lt; b &amp; c</summary>", "a < b & c")]
    [TestCase("/// <summary>One.<para>Two.</para><para>Three.</para></summary>", "One.\n\nTwo.\n\nThree.")]
    [TestCase("/// <summary>All:<list type=\"bullet\"><item>one</item><item><description>two</description></item></list></summary>", "All:\n- one\n\n- two")]
    [TestCase("/// <summary>The comment.</summary>\n[Description(\"The attribute.\")]", "The attribute.")]
    [TestCase("[Description(\"The attribute.\")]", "The attribute.")]
    [TestCase("/// <summary>  </summary>", null)]
    [TestCase("", null)]
    public void A_field_is_described_by_its_attribute_or_its_comment(string above, string? description)
    {
        using var assembly = CompiledAssembly.WithSpec($"{above}\npublic string? Field {{ get; set; }}\n[Ignore] public string? Other {{ get; set; }}");

        Assert.That((string?)assembly.FieldSchema()["description"], Is.EqualTo(description));
    }

    [Test]
    public void A_field_without_words_of_its_own_has_those_of_its_type()
    {
        using var assembly = CompiledAssembly.WithSpec("public Pet? Field { get; set; }", "/// <summary>A pet.</summary>\npublic class Pet { public int Age { get; set; } }");

        Assert.That((string?)assembly.FieldSchema()["description"], Is.EqualTo("A pet."));
    }

    [Test]
    public void An_inherited_field_is_described_where_it_is_declared()
    {
        using var assembly = CompiledAssembly.WithSpec(
            "public Derived? D { get; set; }",
            "public class Base<T> { /// <summary>Of the base.</summary>\npublic T? A { get; set; } } public class Derived : Base<int> { }");

        Assert.That((string?)assembly.FieldSchema()["properties"]!["a"]!["description"], Is.EqualTo("Of the base."));
    }

    [Test]
    public void A_kind_is_described_by_its_class()
    {
        using var assembly = CompiledAssembly.From("""
            /// <summary>A zoo.</summary>
            [KubernetesEntity(Group = "demo.dev", ApiVersion = "v1", Kind = "Zoo", PluralName = "zoos")]
            public class Zoo : CustomKubernetesEntity { }
            """);

        Assert.That((string?)assembly.Schema()["description"], Is.EqualTo("A zoo."));
    }

    [Test]
    public void A_whole_pod_template_fits_with_shorter_descriptions()
    {
        using var assembly = CompiledAssembly.WithSpec("/// <summary>Ours. It stays whole.</summary>\npublic V1PodTemplateSpec? Template { get; set; }");
        var crd = assembly.Crds().Single();

        Assert.That(Encoding.UTF8.GetByteCount(crd.ToJsonString()), Is.LessThanOrEqualTo(200 * 1024));
        Assert.That((string?)assembly.FieldSchema()["description"], Is.EqualTo("Ours. It stays whole."));
    }

    [Test]
    public void What_does_not_fit_at_all_is_refused_with_its_size()
    {
        var templates = string.Join('\n', Enumerable.Range(0, 12).Select(i => $"public V1PodSpec? P{i} {{ get; set; }}"));
        using var assembly = CompiledAssembly.WithSpec(templates);

        Assert.That(assembly.Crds, Throws.Exception.With.Message.Matches("zoos.demo.dev takes [0-9]+ bytes, more than 204800"));
    }
}
