using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace LlmKube.Operator.Cli.Manifests;

/// <summary>Writes JSON as YAML, the same for the same JSON: keys stay in their order, lines are folded at 120 columns.</summary>
internal static partial class Yaml
{
    private static readonly EmitterSettings Settings = new EmitterSettings().WithBestIndent(2).WithBestWidth(120).WithNewLine("\n");

    public static string Write(JsonNode document)
    {
        using var text = new StringWriter();
        var emitter = new Emitter(text, Settings);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, document);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, map.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (key, value) in map)
                {
                    EmitScalar(emitter, key, Word().IsMatch(key) ? StyleOf(key) : ScalarStyle.DoubleQuoted);
                    Emit(emitter, value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray list:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, list.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in list) Emit(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                EmitText(emitter, value.GetValue<string>());
                break;
            default:
                EmitScalar(emitter, node?.ToJsonString() ?? "null", ScalarStyle.Plain);
                break;
        }
    }

    private static void EmitText(Emitter emitter, string text) => EmitScalar(emitter, text, StyleOf(text));

    private static ScalarStyle StyleOf(string text) =>
        Paragraphs().IsMatch(text) ? ScalarStyle.Literal
        : NotText().IsMatch(text) || text.Contains('\n') ? ScalarStyle.DoubleQuoted
        : ScalarStyle.Any;

    private static void EmitScalar(Emitter emitter, string text, ScalarStyle style) =>
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: true, isQuotedImplicit: true));

    [GeneratedRegex(@"^[A-Za-z0-9_./$-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    // Lines of text with at most empty lines between them: whatever else is in the way of a block is quoted.
    [GeneratedRegex(@"^[^\s#](?:[^\n]*[^\s])?(?:\n+[^\s](?:[^\n]*[^\s])?)+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Paragraphs();

    // What a YAML 1.1 or 1.2 reader takes for a bool, null, number or date when it is not quoted.
    [GeneratedRegex(@"^(|~|null|true|false|yes|no|on|off|y|n|[-+]?\.(inf|nan)|[-+]?\.?[0-9][0-9a-z_:.+-]*)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NotText();
}
