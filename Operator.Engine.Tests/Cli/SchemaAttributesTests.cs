using System.Text.Json.Nodes;
using LlmKube.Operator.Cli.Commands;

namespace LlmKube.Operator.Engine.Tests.Cli;

[TestFixture]
internal sealed class SchemaAttributesTests
{
    [TestCase("""[Length(minLength: 1, maxLength: 63)] public string? F { get; set; }""", """{"type":"string","minLength":1,"maxLength":63}""")]
    [TestCase("""[Length(maxLength: 63)] public string? F { get; set; }""", """{"type":"string","maxLength":63}""")]
    [TestCase("""[Pattern("^a+$")] public string? F { get; set; }""", """{"type":"string","pattern":"^a+$"}""")]
    [TestCase("""[Format("ipv4")] public string? F { get; set; }""", """{"type":"string","format":"ipv4"}""")]
    [TestCase("""[EnumValues("a", "b")] public string? F { get; set; }""", """{"type":"string","enum":["a","b"]}""")]
    [TestCase("""[EnumValues(1, 2L)] public int F { get; set; }""", """{"type":"integer","format":"int32","enum":[1,2]}""")]
    [TestCase("""[RangeMinimum(1), RangeMaximum(65535)] public int F { get; set; }""", """{"type":"integer","format":"int32","minimum":1,"maximum":65535}""")]
    [TestCase("""[RangeMinimum(0)] public byte F { get; set; }""", """{"type":"integer","format":"int32","minimum":0,"maximum":255}""")]
    [TestCase("""[RangeMinimum(0, true), RangeMaximum(0.5, true)] public double F { get; set; }""", """{"type":"number","format":"double","minimum":0,"exclusiveMinimum":true,"maximum":0.5,"exclusiveMaximum":true}""")]
    [TestCase("""[MultipleOf(2)] public long F { get; set; }""", """{"type":"integer","format":"int64","multipleOf":2}""")]
    [TestCase("""[Items(minItems: 1, maxItems: 8)] public IList<string>? F { get; set; }""", """{"type":"array","items":{"type":"string"},"minItems":1,"maxItems":8}""")]
    [TestCase("""[Length(maxLength: 9), Pattern("^a+$")] public IList<string>? F { get; set; }""", """{"type":"array","items":{"type":"string","maxLength":9,"pattern":"^a+$"}}""")]
    [TestCase("""[PropertyLimits(maxProperties: 64)] public IDictionary<string, string>? F { get; set; }""", """{"type":"object","additionalProperties":{"type":"string"},"maxProperties":64}""")]
    [TestCase("""[UniqueItems] public IList<string>? F { get; set; }""", """{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"set"}""")]
    [TestCase("""[XListType(XListType.Atomic)] public IList<string>? F { get; set; }""", """{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"atomic"}""")]
    [TestCase("""[XMapType(XMapType.Atomic)] public IDictionary<string, string>? F { get; set; }""", """{"type":"object","additionalProperties":{"type":"string"},"x-kubernetes-map-type":"atomic"}""")]
    [TestCase("""[DefaultValue(true)] public bool? F { get; set; }""", """{"type":"boolean","default":true}""")]
    [TestCase("""[DefaultValue(8080)] public int? F { get; set; }""", """{"type":"integer","format":"int32","default":8080}""")]
    [TestCase("""[DefaultValue(0.5)] public double? F { get; set; }""", """{"type":"number","format":"double","default":0.5}""")]
    [TestCase("""[DefaultValue("true")] public string? F { get; set; }""", """{"type":"string","default":"true"}""")]
    [TestCase("""[DefaultValue("[\"a\"]", Json = true)] public IList<string>? F { get; set; }""", """{"type":"array","items":{"type":"string"},"default":["a"]}""")]
    [TestCase("""[Example("x")] public string? F { get; set; }""", """{"type":"string","example":"x"}""")]
    [TestCase("""[Title("T")] public string? F { get; set; }""", """{"type":"string","title":"T"}""")]
    [TestCase("""[ExternalDocs("https://x.dev", "more")] public string? F { get; set; }""", """{"type":"string","externalDocs":{"url":"https://x.dev","description":"more"}}""")]
    [TestCase("""[PreserveUnknownFields] public System.Timers.Timer? F { get; set; }""", """{"type":"object","x-kubernetes-preserve-unknown-fields":true}""")]
    [TestCase("""[PreserveUnknownFields, EmbeddedResource] public object? F { get; set; }""", """{"type":"object","x-kubernetes-preserve-unknown-fields":true,"x-kubernetes-embedded-resource":true}""")]
    [TestCase("""[EmbeddedResource] public object? F { get; set; }""", """{"type":"object","x-kubernetes-preserve-unknown-fields":true,"x-kubernetes-embedded-resource":true}""")]
    [TestCase(
        """[ValidationRule("self > 1"), ValidationRule("self != oldSelf", message: "never the same", reason: "FieldValueForbidden")] public int F { get; set; }""",
        """{"type":"integer","format":"int32","x-kubernetes-validations":[{"rule":"self > 1"},{"rule":"self != oldSelf","message":"never the same","reason":"FieldValueForbidden"}]}""")]
    public void An_attribute_says_what_it_says(string member, string schema)
    {
        using var assembly = CompiledAssembly.WithSpec(member);

        Assert.That(JsonNode.DeepEquals(assembly.FieldSchema(), JsonNode.Parse(schema)), Is.True, assembly.FieldSchema().ToJsonString());
    }

    [Test]
    public void A_list_by_key_names_its_keys()
    {
        using var assembly = CompiledAssembly.WithSpec(
            """[XListType(XListType.Map), XListMapKeys("name")] public IList<Pet>? F { get; set; }""",
            "public class Pet { [Required] public string Name { get; set; } = \"\"; }");

        Assert.That(assembly.FieldSchema().ToJsonString(), Is.EqualTo(
            """{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]},"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"]}"""));
    }

    [Test]
    public void A_class_that_is_required_is_so_wherever_it_is_used()
    {
        using var assembly = CompiledAssembly.WithSpec(
            """public Pet? Pet { get; set; } public Cage? Cage { get; set; }""",
            "[Required] public class Pet { public int Age { get; set; } } public class Cage { public int Size { get; set; } }");

        Assert.That(assembly.SpecSchema()["required"]!.ToJsonString(), Is.EqualTo("""["pet"]"""));
    }

    [Test]
    public void Rules_of_the_class_and_of_the_property_both_hold()
    {
        using var assembly = CompiledAssembly.WithSpec(
            """[ValidationRule("b")] public Pet? F { get; set; }""", """[ValidationRule("a")] public class Pet { public int Age { get; set; } }""");

        Assert.That(assembly.FieldSchema()["x-kubernetes-validations"]!.ToJsonString(), Is.EqualTo("""[{"rule":"a"},{"rule":"b"}]"""));
    }

    [Test]
    public void A_required_field_makes_the_spec_required()
    {
        using var assembly = CompiledAssembly.WithSpec("[Required] public string A { get; set; } = \"\";");

        Assert.That(assembly.SpecSchema()["required"]!.ToJsonString(), Is.EqualTo("""["a"]"""));
        Assert.That(assembly.Schema()["required"]!.ToJsonString(), Is.EqualTo("""["spec"]"""));
    }

    [Test]
    public void What_CSharp_requires_is_required()
    {
        using var assembly = CompiledAssembly.WithSpec("public Pet? F { get; set; }", "public class Pet { public required string Name { get; set; } public int Age { get; set; } }");

        Assert.That(assembly.FieldSchema()["required"]!.ToJsonString(), Is.EqualTo("""["name"]"""));
        Assert.That(assembly.Schema().ContainsKey("required"), Is.False);
    }

    [Test]
    public void Without_required_fields_the_spec_may_be_absent()
    {
        using var assembly = CompiledAssembly.WithSpec("public string A { get; set; } = \"\";");

        Assert.That(assembly.Schema().ContainsKey("required"), Is.False);
    }

    [TestCase("public string ApiURL { get; set; } = \"\";", "apiURL")]
    [TestCase("[JsonPropertyName(\"URL\")] public string Url { get; set; } = \"\";", "URL")]
    [TestCase("[JsonPropertyName(\"with-dash\")] public string Dash { get; set; } = \"\";", "with-dash")]
    public void A_field_is_called_as_it_is_written(string member, string name)
    {
        using var assembly = CompiledAssembly.WithSpec(member);

        Assert.That(((JsonObject)assembly.SpecSchema()["properties"]!).Single().Key, Is.EqualTo(name));
    }

    [TestCase("[Ignore] public string A { get; set; } = \"\";")]
    [TestCase("[JsonIgnore] public string A { get; set; } = \"\";")]
    [TestCase("public string A => \"computed\";")]
    [TestCase("public static string A { get; set; } = \"\";")]
    [TestCase("internal string A { get; set; } = \"\";")]
    [TestCase("public string this[int i] { get => \"\"; set { } }")]
    public void What_is_not_stored_is_not_in_the_schema(string member)
    {
        using var assembly = CompiledAssembly.WithSpec(member + " public int Kept { get; set; }");

        Assert.That(((JsonObject)assembly.SpecSchema()["properties"]!).Select(p => p.Key), Is.EqualTo(new[] { "kept" }));
    }

    [Test]
    public void A_field_that_is_only_ignored_when_null_is_in_the_schema()
    {
        using var assembly = CompiledAssembly.WithSpec("[JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? A { get; set; }");

        Assert.That(((JsonObject)assembly.SpecSchema()["properties"]!).Single().Key, Is.EqualTo("a"));
    }

    [Test]
    public void Inherited_fields_are_fields()
    {
        using var assembly = CompiledAssembly.WithSpec("public Derived? D { get; set; }", "public class Base { public int A { get; set; } } public class Derived : Base { public int B { get; set; } }");

        Assert.That(((JsonObject)assembly.FieldSchema()["properties"]!).Select(p => p.Key), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public void A_default_that_is_no_JSON_is_refused_with_its_place()
    {
        using var assembly = CompiledAssembly.WithSpec("""[DefaultValue("{", Json = true)] public IList<string>? F { get; set; }""");

        Assert.That(assembly.Crds, Throws.TypeOf<CliException>().With.Message.Contains("ZooSpec.F").And.Message.Contains("not JSON"));
    }
}
