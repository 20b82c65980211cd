using System.Text.Json.Nodes;
using LlmKube.Operator.Cli.Commands;

namespace LlmKube.Operator.Engine.Tests.Cli;

[TestFixture]
internal sealed class SchemaTypesTests
{
    private const string Quantity = "^(\\\\+|-)?(([0-9]+(\\\\.[0-9]*)?)|(\\\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\\\+|-)?(([0-9]+(\\\\.[0-9]*)?)|(\\\\.[0-9]+))))?$";

    [TestCase("string", """{"type":"string"}""")]
    [TestCase("string?", """{"type":"string"}""")]
    [TestCase("char", """{"type":"string","minLength":1,"maxLength":1}""")]
    [TestCase("bool", """{"type":"boolean"}""")]
    [TestCase("bool?", """{"type":"boolean"}""")]
    [TestCase("int", """{"type":"integer","format":"int32"}""")]
    [TestCase("int?", """{"type":"integer","format":"int32"}""")]
    [TestCase("long", """{"type":"integer","format":"int64"}""")]
    [TestCase("byte", """{"type":"integer","format":"int32","minimum":0,"maximum":255}""")]
    [TestCase("sbyte", """{"type":"integer","format":"int32","minimum":-128,"maximum":127}""")]
    [TestCase("short", """{"type":"integer","format":"int32","minimum":-32768,"maximum":32767}""")]
    [TestCase("ushort?", """{"type":"integer","format":"int32","minimum":0,"maximum":65535}""")]
    [TestCase("uint", """{"type":"integer","format":"int64","minimum":0,"maximum":4294967295}""")]
    [TestCase("ulong", """{"type":"integer","format":"int64","minimum":0}""")]
    [TestCase("float", """{"type":"number","format":"float"}""")]
    [TestCase("double?", """{"type":"number","format":"double"}""")]
    [TestCase("decimal", """{"type":"number"}""")]
    [TestCase("DateTime?", """{"type":"string","format":"date-time"}""")]
    [TestCase("DateTimeOffset", """{"type":"string","format":"date-time"}""")]
    [TestCase("DateOnly", """{"type":"string","format":"date"}""")]
    [TestCase("TimeSpan?", """{"type":"string","pattern":"^-?P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+(\\.[0-9]+)?S)?)?$"}""")]
    [TestCase("Guid", """{"type":"string","format":"uuid"}""")]
    [TestCase("Uri", """{"type":"string","format":"uri"}""")]
    [TestCase("byte[]", """{"type":"string","format":"byte"}""")]
    [TestCase("object", """{"x-kubernetes-preserve-unknown-fields":true}""")]
    [TestCase("System.Text.Json.Nodes.JsonObject", """{"type":"object","x-kubernetes-preserve-unknown-fields":true}""")]
    [TestCase("string[]", """{"type":"array","items":{"type":"string"}}""")]
    [TestCase("IList<string>", """{"type":"array","items":{"type":"string"}}""")]
    [TestCase("IReadOnlyList<List<int>>", """{"type":"array","items":{"type":"array","items":{"type":"integer","format":"int32"}}}""")]
    [TestCase("HashSet<string>", """{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"set"}""")]
    [TestCase("IDictionary<string, string>", """{"type":"object","additionalProperties":{"type":"string"}}""")]
    [TestCase("Dictionary<string, IList<int?>>", """{"type":"object","additionalProperties":{"type":"array","items":{"type":"integer","format":"int32"}}}""")]
    [TestCase("IntOrString", """{"anyOf":[{"type":"integer"},{"type":"string"}],"x-kubernetes-int-or-string":true}""")]
    [TestCase("ResourceQuantity", $$"""{"anyOf":[{"type":"integer"},{"type":"string"}],"pattern":"{{Quantity}}","x-kubernetes-int-or-string":true}""")]
    [TestCase("Color", """{"type":"string","enum":["Red","dark-green"]}""")]
    [TestCase("Color?", """{"type":"string","enum":["Red","dark-green"]}""")]
    [TestCase("Sides", """{"type":"string"}""")]
    [TestCase("Point", """{"type":"object","properties":{"x":{"type":"integer","format":"int32"},"y":{"type":"integer","format":"int32"}}}""")]
    [TestCase("Point?", """{"type":"object","properties":{"x":{"type":"integer","format":"int32"},"y":{"type":"integer","format":"int32"}}}""")]
    [TestCase("IList<Point>", """{"type":"array","items":{"type":"object","properties":{"x":{"type":"integer","format":"int32"},"y":{"type":"integer","format":"int32"}}}}""")]
    [TestCase("Box<string>", """{"type":"object","properties":{"content":{"type":"string"}}}""")]
    [TestCase("Open", """{"type":"object","properties":{"known":{"type":"string"}},"x-kubernetes-preserve-unknown-fields":true}""")]
    public void A_type_has_the_schema_of_what_is_written_for_it(string type, string schema)
    {
        using var assembly = CompiledAssembly.WithSpec($"public {type} Field {{ get; set; }} = default!;", """
            public enum Color { Red, [JsonStringEnumMemberName("dark-green")] Green }
            [Flags] public enum Sides { Left = 1, Right = 2 }
            public record struct Point(int X, int Y);
            public class Box<T> { public T Content { get; set; } = default!; }
            public class Open { public string Known { get; set; } = ""; [JsonExtensionData] public Dictionary<string, object>? Rest { get; set; } }
            """);

        Assert.That(assembly.FieldSchema().ToJsonString(), Is.EqualTo(JsonNode.Parse(schema)!.ToJsonString()));
    }

    [TestCase("V1Pod", TestName = "A whole object of Kubernetes is embedded")]
    [TestCase("V1ObjectMeta", TestName = "Metadata within a spec keeps all of its fields")]
    public void Kubernetes_objects_are_not_spelt_out(string type)
    {
        using var assembly = CompiledAssembly.WithSpec($"public {type}? Field {{ get; set; }}");
        var field = assembly.FieldSchema();

        Assert.That((string?)field["type"], Is.EqualTo("object"));
        Assert.That((bool?)field["x-kubernetes-preserve-unknown-fields"], Is.True);
        Assert.That(field.ContainsKey("x-kubernetes-embedded-resource"), Is.EqualTo(type == "V1Pod"));
    }

    [Test]
    public void A_type_of_Kubernetes_is_spelt_out_with_its_descriptions()
    {
        using var assembly = CompiledAssembly.WithSpec("public IList<V1Toleration>? Tolerations { get; set; }");
        var toleration = assembly.FieldSchema()["items"]!;

        Assert.That(((JsonObject)toleration["properties"]!).Select(p => p.Key), Is.EqualTo(new[] { "effect", "key", "operator", "tolerationSeconds", "value" }));
        Assert.That((string?)toleration["properties"]!["effect"]!["description"], Does.StartWith("Effect indicates the taint effect to match."));
    }

    [Test]
    public void A_condition_demands_what_the_API_conventions_demand()
    {
        using var assembly = CompiledAssembly.WithSpec("public IList<V1Condition>? Conditions { get; set; }");
        var condition = assembly.FieldSchema()["items"]!;

        Assert.That(condition["required"]!.ToJsonString(), Is.EqualTo("""["lastTransitionTime","message","reason","status","type"]"""));
        Assert.That(condition["properties"]!["status"]!["enum"]!.ToJsonString(), Is.EqualTo("""["True","False","Unknown"]"""));
    }

    [Test]
    public void An_affinity_demands_what_the_API_server_demands_of_a_pod_s()
    {
        using var assembly = CompiledAssembly.WithSpec("public V1Affinity? Affinity { get; set; }");
        var affinity = (JsonObject)assembly.FieldSchema()["properties"]!;

        Assert.That(Required("", affinity["nodeAffinity"]!), Is.EqualTo(new[]
        {
            "/preferred: preference,weight",
            "/preferred/preference/matchExpressions: key,operator",
            "/preferred/preference/matchFields: key,operator",
            "/required: nodeSelectorTerms",
            "/required/nodeSelectorTerms/matchExpressions: key,operator",
            "/required/nodeSelectorTerms/matchFields: key,operator",
        }));
        foreach (var kind in new[] { "podAffinity", "podAntiAffinity" })
        {
            Assert.That(Required("", affinity[kind]!), Is.EqualTo(new[]
            {
                "/preferred: podAffinityTerm,weight",
                "/preferred/podAffinityTerm: topologyKey",
                "/preferred/podAffinityTerm/labelSelector/matchExpressions: key,operator",
                "/preferred/podAffinityTerm/namespaceSelector/matchExpressions: key,operator",
                "/required: topologyKey",
                "/required/labelSelector/matchExpressions: key,operator",
                "/required/namespaceSelector/matchExpressions: key,operator",
            }));
        }

        static IEnumerable<string> Required(string path, JsonNode schema)
        {
            var self = schema["items"] ?? schema;
            if (self["required"] is JsonArray names) yield return $"{path}: {string.Join(',', names.Select(n => (string?)n))}";
            if (self["properties"] is not JsonObject properties) yield break;
            foreach (var (name, property) in properties)
            {
                foreach (var below in Required($"{path}/{name.Replace("DuringSchedulingIgnoredDuringExecution", "", StringComparison.Ordinal)}", property!)) yield return below;
            }
        }
    }

    [TestCase("Node", "Node contains itself", TestName = "A type that contains itself")]
    [TestCase("System.IO.Stream", "System.IO.Stream has no schema", TestName = "A type of the runtime that is no value")]
    [TestCase("IDictionary<int, string>", "the keys of a dictionary are text", TestName = "A dictionary with keys that are no text")]
    [TestCase("IComparable", "System.IComparable has no schema", TestName = "An interface")]
    public void What_no_structural_schema_can_say_is_refused_with_the_path_of_the_field(string type, string problem)
    {
        using var assembly = CompiledAssembly.WithSpec($"public {type}? Field {{ get; set; }}", "public class Node { public List<Node>? Children { get; set; } }");

        Assert.That(assembly.Crds, Throws.TypeOf<CliException>().With.Message.Contains("spec.field").And.Message.Contains(problem));
    }

    [Test]
    public void A_type_that_contains_itself_may_be_left_open()
    {
        using var assembly = CompiledAssembly.WithSpec(
            "public Node? Field { get; set; }", "public class Node { [PreserveUnknownFields] public List<Node>? Children { get; set; } }");

        Assert.That(assembly.FieldSchema().ToJsonString(), Is.EqualTo(
            """{"type":"object","properties":{"children":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}"""));
    }
}
