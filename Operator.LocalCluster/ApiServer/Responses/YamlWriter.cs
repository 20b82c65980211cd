using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace LlmKube.Operator.LocalCluster.ApiServer.Responses;

/// <summary>Writes JSON as YAML.</summary>
internal static class YamlWriter
{
    public static string Write(JsonNode json)
    {
        using var text = new StringWriter();
        new YamlStream(new YamlDocument(Convert(json))).Save(text, assignAnchors: false);
        return text.ToString();
    }

    private static YamlNode Convert(JsonNode? node) => node switch
    {
        JsonObject json => new YamlMappingNode(json.Select(f => KeyValuePair.Create<YamlNode, YamlNode>(Quoted(f.Key), Convert(f.Value)))),
        JsonArray list => new YamlSequenceNode(list.Select(Convert)),
        JsonValue value when value.GetValueKind() is JsonValueKind.String => Quoted(value.GetValue<string>()),
        null => new YamlScalarNode("null"),
        _ => new YamlScalarNode(node.ToJsonString()),
    };

    private static YamlScalarNode Quoted(string text) => new(text) { Style = ScalarStyle.DoubleQuoted };
}
