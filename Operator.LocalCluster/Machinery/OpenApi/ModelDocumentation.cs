using System.Text.RegularExpressions;
using System.Xml;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>The descriptions of the built-in types, from the documentation file that KubernetesClient ships. Read when first asked for; without the file there are none.</summary>
internal static partial class ModelDocumentation
{
    private const string FileName = "KubernetesClient.xml";

    private static readonly Lazy<Dictionary<string, string>> Members = new(Read);

    /// <param name="id">A documentation id such as <c>P:k8s.Models.V1PodSpec.Containers</c>.</param>
    public static string? Find(string? id) => id is null ? null : Members.Value.GetValueOrDefault(id);

    private static Dictionary<string, string> Read()
    {
        var members = new Dictionary<string, string>();
        var path = Path.Combine(AppContext.BaseDirectory, FileName);
        if (!File.Exists(path))
        {
            return members;
        }

        using var reader = XmlReader.Create(path, new() { IgnoreWhitespace = true, DtdProcessing = DtdProcessing.Prohibit });
        string? id = null;
        while (!reader.EOF)
        {
            if (reader.NodeType is XmlNodeType.Element && reader.Name is "member")
            {
                id = reader.GetAttribute("name");
            }
            else if (reader.NodeType is XmlNodeType.Element && reader.Name is "summary" && IsModel(id))
            {
                // Reading the text moves on to what follows.
                members[id!] = Blanks().Replace(reader.ReadInnerXmlText(), " ").Trim();
                continue;
            }

            reader.Read();
        }

        return members;
    }

    private static string ReadInnerXmlText(this XmlReader reader) =>
        System.Net.WebUtility.HtmlDecode(Tags().Replace(reader.ReadInnerXml(), ""));

    private static bool IsModel(string? id) => id is not null
        && (id.StartsWith("P:k8s.Models.", StringComparison.Ordinal) || id.StartsWith("T:k8s.Models.", StringComparison.Ordinal));

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();
}
