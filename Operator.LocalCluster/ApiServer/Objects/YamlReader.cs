using System.Globalization;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace LlmKube.Operator.LocalCluster.ApiServer.Objects;

/// <summary>Reads YAML bodies, which server-side apply may send, by YAML's core schema.</summary>
internal static class YamlReader
{
    public static JsonNode? Parse(string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            throw ApiException.BadRequest($"error decoding YAML: {e.Message}");
        }

        return stream.Documents.Count switch
        {
            0 => null,
            1 => Convert(stream.Documents[0].RootNode),
            _ => throw ApiException.BadRequest("error decoding YAML: expected one document"),
        };
    }

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode map => Map(map),
        YamlSequenceNode list => ApiObject.List(list.Children.Select(Convert)),
        YamlScalarNode scalar => Scalar(scalar),
        _ => throw ApiException.BadRequest("error decoding YAML: aliases are not supported"),
    };

    private static JsonObject Map(YamlMappingNode map)
    {
        var json = new JsonObject();
        foreach (var (key, value) in map.Children) json[((YamlScalarNode)key).Value ?? ""] = Convert(value);
        return json;
    }

    private static JsonNode? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any)) return JsonValue.Create(text);
        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
                || (text[0] is '-' or '.' or (>= '0' and <= '9') && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _)) => Number(text),
            _ => JsonValue.Create(text),
        };
    }

    private static JsonNode? Number(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
        ? ObjectReader.Parse(whole.ToString(CultureInfo.InvariantCulture))
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) ? ObjectReader.Parse(real.ToString("R", CultureInfo.InvariantCulture)) : JsonValue.Create(text);
}
