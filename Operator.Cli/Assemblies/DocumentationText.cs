using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace LlmKube.Operator.Cli.Assemblies;

/// <summary>Turns a documentation comment into plain text: paragraphs apart, list items on lines of their own.</summary>
internal static partial class DocumentationText
{
    public static string? Of(XElement summary)
    {
        var text = new StringBuilder();
        Append(text, summary);
        var paragraphs = text.ToString()
            .Split('\n')
            .Select(line => Blanks().Replace(line, " ").Trim());
        var joined = Gaps().Replace(string.Join('\n', paragraphs), "\n\n").Trim('\n');
        return joined.Length == 0 ? null : joined;
    }

    private static void Append(StringBuilder text, XElement element)
    {
        foreach (var node in element.Nodes())
        {
            if (node is XText { Value: var words })
            {
                // A line break in a comment is where the editor wrapped it.
                text.Append(words.Replace('\n', ' '));
            }
            else if (node is XElement child)
            {
                AppendElement(text, child);
            }
        }
    }

    private static void AppendElement(StringBuilder text, XElement element)
    {
        switch (element.Name.LocalName)
        {
            case "para":
                text.Append("\n\n");
                Append(text, element);
                text.Append("\n\n");
                break;
            case "item":
                text.Append("\n- ");
                Append(text, element);
                text.Append('\n');
                break;
            case "br":
                text.Append('\n');
                break;
            case "see" or "seealso" or "paramref" or "typeparamref" when element.IsEmpty:
                text.Append(Target(element));
                break;
            default:
                Append(text, element);
                break;
        }
    }

    private static string Target(XElement element)
    {
        var target = element.Attribute("langword") ?? element.Attribute("name") ?? element.Attribute("href") ?? element.Attribute("cref");
        return target switch
        {
            null => string.Empty,
            { Name.LocalName: "cref" } => target.Value[(target.Value.LastIndexOfAny(['.', ':']) + 1)..],
            _ => target.Value,
        };
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"\n{3,}")]
    private static partial Regex Gaps();
}
