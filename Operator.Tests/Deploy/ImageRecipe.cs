using System.Text.RegularExpressions;
using System.Xml.Linq;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Deploy;

/// <summary>The Dockerfile, as far as it can be read without a container engine, and what <c>.dockerignore</c> leaves it to build from.</summary>
internal static class ImageRecipe
{
    private static readonly IReadOnlyList<(string Name, string Value)> s_instructions =
    [
        .. File.ReadAllLines(Path.Combine(Installation.Root, "Dockerfile"))
            .Where(l => l.Length > 0 && l[0] != '#')
            .Select(l => l.Split(' ', 2))
            .Select(words => (words[0], words[1])),
    ];

    private static readonly IReadOnlyList<string> s_ignore = [.. File.ReadAllLines(Path.Combine(Installation.Root, ".dockerignore")).Where(l => l.Length > 0 && l[0] != '#')];

    /// <summary>The instructions of the last stage, which makes the image.</summary>
    public static IReadOnlyList<(string Name, string Value)> LastStage => [.. s_instructions.Skip(s_instructions.Select((line, at) => line.Name == "FROM" ? at : 0).Max())];

    /// <summary>The one command that the first stage runs.</summary>
    public static string Publish => s_instructions.Single(i => i.Name == "RUN").Value;

    /// <summary>What is let into the context, at the top level.</summary>
    public static IEnumerable<string> Included => s_ignore.Where(l => l[0] == '!').Select(l => l[1..]);

    /// <summary>What the operator is built from: the folders of its projects, and the files beyond them that these name.</summary>
    public static IReadOnlyCollection<string> Parts
    {
        get
        {
            var found = new SortedSet<string>(StringComparer.Ordinal);
            Add("Operator");
            return found;

            void Add(string project)
            {
                if (!found.Add(project)) return;
                var items = XDocument.Load(Path.Combine(Installation.Root, project, $"{project}.csproj")).Descendants().Where(e => e.Parent?.Name == "ItemGroup");
                foreach (var item in items.SelectMany(i => (i.Attribute("Include")?.Value ?? "").Split(';').Select(path => (i.Name, Path: path.Replace('\\', '/')))).Where(i => i.Path.StartsWith("../", StringComparison.Ordinal)))
                {
                    if (item.Name == "ProjectReference") Add(Path.GetFileNameWithoutExtension(item.Path));
                    else found.Add(item.Path["../".Length..]);
                }
            }
        }
    }

    /// <summary>Copies the context, as an engine would send it to the first stage.</summary>
    public static void CopyContext(string target)
    {
        foreach (var pattern in Included)
        {
            var folder = Path.Combine(Installation.Root, pattern);
            var files = Directory.Exists(folder)
                ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
                : Directory.GetFiles(Path.Combine(Installation.Root, Path.GetDirectoryName(pattern)!), Path.GetFileName(pattern));
            foreach (var file in files.Select(f => Path.GetRelativePath(Installation.Root, f)).Where(f => !IsBuilt(f)))
            {
                var copy = Path.Combine(target, file);
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(Path.Combine(Installation.Root, file), copy);
            }
        }
    }

    private static bool IsBuilt(string file) => s_ignore.Where(l => l.StartsWith("**/", StringComparison.Ordinal)).Any(l => Regex.IsMatch(file, $"(^|/){Regex.Escape(l[3..])}/"));
}
