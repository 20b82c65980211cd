using System.Text;
using System.Text.Json;
using CsCheck;
using k8s;
using k8s.Models;
using LlmKube.Operator.Engine.Api;

namespace LlmKube.Operator.Engine.Tests.Api;

public class WireFormatTests
{
    private static readonly ResourceType s_pods = ResourceType.Of<V1Pod>();

    [Test]
    public void Equal_strings_of_different_objects_are_one()
    {
        var (a, b) = (Pod("a", "llmkube"), Pod("b", "llmkube"));
        Assert.That(b.Metadata.Labels["app"], Is.SameAs(a.Metadata.Labels["app"]));
        Assert.That(b.Metadata.Labels.Keys.Single(), Is.SameAs(a.Metadata.Labels.Keys.Single()));
        Assert.That((a.Metadata.Name, b.Metadata.Name), Is.EqualTo(("a", "b")));
    }

    [Test]
    public void An_equal_text_of_many_lines_is_one()
    {
        var script = string.Join("\\n", Enumerable.Repeat("until \\\"$done\\\"; do sleep 1; done", 40));
        var (a, b) = (Pod("a", script), Pod("b", script));
        Assert.That(a.Metadata.Labels["app"], Has.Length.GreaterThan(1000).And.Contains("\n"));
        Assert.That(b.Metadata.Labels["app"], Is.SameAs(a.Metadata.Labels["app"]));
    }

    // With a memory of its own: that of the program is everybody's, also of the tests that run beside this one.
    [Test]
    public void What_comes_again_and_again_is_kept_though_others_pass_by() => Gen.Int[0, 1_000_000].Array[0, 10_000].Sample(
        others =>
        {
            var options = new JsonSerializerOptions { Converters = { new SharedStrings() } };
            var first = Read("again-and-again");
            return others.All(other =>
            {
                Read($"label-{other}");
                return ReferenceEquals(Read("again-and-again"), first);
            });

            string Read(string text) => JsonSerializer.Deserialize<string>($"\"{text}\"", options)!;
        },
        iter: 10);

    [Test]
    public void Any_string_is_read_as_the_package_reads_it() => Gen.String.Sample(text =>
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { [text] = text });
        var read = JsonSerializer.Deserialize<Dictionary<string, string>>(json, WireFormat.Options)!;
        var truth = JsonSerializer.Deserialize<Dictionary<string, string>>(json)!;
        return read.SequenceEqual(truth);
    });

    [Test]
    public void Fields_of_managers_go_out_as_they_came_in_by_whomever()
    {
        const string Fields = """{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{}}""";
        var json = $$$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","managedFields":[{"manager":"kubectl","operation":"Apply","fieldsType":"FieldsV1","fieldsV1":{{{Fields}}} }] } }""";
        var pod = WireFormat.Decode<V1Pod>(Encoding.UTF8.GetBytes(json), s_pods);
        var entry = pod.Metadata.ManagedFields.Single();
        Assert.That(entry.FieldsV1, Is.TypeOf<FieldSet>());
        Assert.That(KubernetesJson.Serialize(entry.FieldsV1), Is.EqualTo(Fields));
        Assert.That(KubernetesJson.Serialize(pod), Does.Contain(Fields));
        Assert.That(Encoding.UTF8.GetString(WireFormat.Encode(pod)), Does.Contain(Fields));
        Assert.That(Encoding.UTF8.GetString(WireFormat.Encode(WireFormat.Copy(pod))), Does.Contain(Fields));
    }

    [Test]
    public void Equal_parts_of_the_fields_of_managers_are_one()
    {
        var (a, b) = (Fields("a"), Fields("b"));
        Assert.That(b.Members[1].Value, Is.SameAs(a.Members[1].Value));
        Assert.That(b.Members[0].Value, Is.Not.EqualTo(a.Members[0].Value));

        static FieldSet Fields(string owner)
        {
            var json = $$$"""{"metadata":{"name":"a","managedFields":[{"fieldsV1":{"f:metadata":{"k:{\"uid\":\"{{{owner}}}\"}":{}},"f:spec":{"f:nodeName":{} } } }] } }""";
            return (FieldSet)WireFormat.Decode<V1Pod>(Encoding.UTF8.GetBytes(json), s_pods).Metadata.ManagedFields.Single().FieldsV1;
        }
    }

    [Test]
    public void Managed_fields_without_fields_have_none()
    {
        var pod = WireFormat.Decode<V1Pod>("""{"metadata":{"name":"a","managedFields":[{"manager":"kubectl","fieldsV1":null},{"manager":"other"}]}}"""u8, s_pods);
        Assert.That(pod.Metadata.ManagedFields.Select(e => e.FieldsV1), Is.All.Null);
    }

    private static V1Pod Pod(string name, string label) =>
        WireFormat.Decode<V1Pod>(Encoding.UTF8.GetBytes($$$"""{"metadata":{"name":"{{{name}}}","labels":{"app":"{{{label}}}"} } }"""), s_pods);
}
