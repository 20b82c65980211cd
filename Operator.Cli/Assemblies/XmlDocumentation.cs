using System.Reflection;
using System.Xml;
using System.Xml.Linq;

namespace LlmKube.Operator.Cli.Assemblies;

/// <summary>The summaries of types, properties and fields, from the documentation files that the compiler leaves beside assemblies.</summary>
internal sealed class XmlDocumentation
{
    private readonly Dictionary<string, Dictionary<string, XElement>> _files = [];

    public string? Of(Type type) => Summary(type.Assembly, "T:" + NameOf(type));

    public string? Of(PropertyInfo property) => Summary(property.Module.Assembly, $"P:{NameOf(property.DeclaringType!)}.{property.Name}");

    public string? Of(FieldInfo field) => Summary(field.Module.Assembly, $"F:{NameOf(field.DeclaringType!)}.{field.Name}");

    private static string NameOf(Type type) =>
        (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    private string? Summary(Assembly assembly, string member)
    {
        var path = assembly.Location;
        if (!_files.TryGetValue(path, out var members)) _files[path] = members = Read(path);
        return members.TryGetValue(member, out var summary) ? DocumentationText.Of(summary) : null;
    }

    // A package's file isn't copied beside its assembly: KubernetesClient's is shipped with this program.
    private static Dictionary<string, XElement> Read(string assembly)
    {
        var beside = Path.ChangeExtension(assembly, ".xml");
        var shipped = Path.Combine(AppContext.BaseDirectory, Path.GetFileName(beside));
        var file = File.Exists(beside) ? beside : File.Exists(shipped) ? shipped : null;
        return file is null ? [] : Summaries(file);
    }

    // Streams: KubernetesClient's file is 25 MB, and most of it is about methods.
    private static Dictionary<string, XElement> Summaries(string file)
    {
        var summaries = new Dictionary<string, XElement>(StringComparer.Ordinal);
        using var reader = XmlReader.Create(file, new XmlReaderSettings { IgnoreComments = true });
        while (!reader.EOF)
        {
            if (reader is not { NodeType: XmlNodeType.Element, Name: "member" })
            {
                reader.Read();
            }
            else if (reader.GetAttribute("name") is ['T' or 'P' or 'F', ':', ..] name)
            {
                var member = (XElement)XNode.ReadFrom(reader);
                if (member.Element("summary") is { } summary) summaries[name] = summary;
            }
            else
            {
                reader.Skip();
            }
        }

        return summaries;
    }
}
