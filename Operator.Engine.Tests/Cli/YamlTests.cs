using System.Text.Json.Nodes;
using CsCheck;
using LlmKube.Operator.Cli.Manifests;
using YamlDotNet.RepresentationModel;

namespace LlmKube.Operator.Engine.Tests.Cli;

[TestFixture]
internal sealed class YamlTests
{
    private static readonly string[] Traps =
    [
        "", "true", "No", "~", "null", "1", "-1", "0x1F", "1e3", "1.5", ".5", "1:30", "2026-11-24", ".inf",
        "- a", "a: b", "#", "a #b", "'", "\"", "| x", "> x", "%a", "@b", "`c`", "? d",
        "a\nb", "a\n", "\na", " a", "a ", "a\tb", "^\\S+$", "{a}", "[b]", "&c", "*d", "!e",
    ];

    // Words that YAML reads as something else, and characters that mean something to it.
    private static readonly Gen<string> Short = Gen.OneOf(
        Gen.Int[0, Traps.Length - 1].Select(i => Traps[i]),
        Gen.String[Gen.Char[" \n:#-'\"\\abc01%&*?|>{}[]\u00e9\u4e2d"], 0, 40]);

    private static readonly Gen<string> Texts = Gen.OneOf(
        Short,
        Gen.Select(Gen.Int[1, 60], n => string.Join(' ', Enumerable.Repeat("a long line that is folded", n))));

    [Test]
    public void Text_reads_back_the_same_whatever_it_holds() => Texts.Sample(text => Value(Yaml.Write(new JsonObject { ["a"] = text })) == text);

    [Test]
    public void Text_deep_in_lists_reads_back_the_same() =>
        Texts.Sample(text => Value(Yaml.Write(new JsonObject { ["a"] = new JsonArray(new JsonObject { ["b"] = new JsonArray(text) }) })) == text);

    [Test]
    public void Keys_read_back_the_same() => Short.Sample(text => Value(Yaml.Write(new JsonObject { [text] = "a" }), key: true) == text);

    [TestCase("true")]
    [TestCase("No")]
    [TestCase("1")]
    [TestCase("1e3")]
    [TestCase("1:30")]
    [TestCase("2026-11-24")]
    [TestCase("null")]
    [TestCase("")]
    public void Text_that_looks_like_another_value_is_quoted(string text) =>
        Assert.That(Yaml.Write(new JsonObject { ["a"] = text }), Is.EqualTo($"a: \"{text}\"\n"));

    [Test]
    public void Numbers_bools_null_and_empty_collections_are_themselves() =>
        Assert.That(
            Yaml.Write(new JsonObject { ["a"] = 1, ["b"] = true, ["c"] = null, ["d"] = new JsonObject(), ["e"] = new JsonArray(), ["f"] = 0.5 }),
            Is.EqualTo("a: 1\nb: true\nc: null\nd: {}\ne: []\nf: 0.5\n"));

    // The first scalar at the bottom.
    private static string? Value(string yaml, bool key = false)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        var node = stream.Documents.Single().RootNode;
        while (node is not YamlScalarNode)
        {
            node = node switch
            {
                YamlMappingNode map => key ? map.Children.Single().Key : map.Children.Single().Value,
                YamlSequenceNode list => list.Children.Single(),
                _ => throw new InvalidOperationException($"unexpected {node.NodeType}"),
            };
        }

        return ((YamlScalarNode)node).Value;
    }
}
