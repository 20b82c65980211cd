using System.Text.Json.Nodes;
using System.Xml.Linq;
using LlmKube.Operator.Cli.Commands;

namespace LlmKube.Operator.Cli.Notices;

/// <summary>A package that is published with a program, and what its maker says of it.</summary>
/// <param name="Name">Its id.</param>
/// <param name="Version">The restored version.</param>
/// <param name="Licence">SPDX's identifier of its licence.</param>
/// <param name="Copyright">Whose it is.</param>
/// <param name="Address">Its home page.</param>
/// <param name="Notices">What it says itself of others' work in it; null: nothing.</param>
internal sealed record ShippedPackage(string Name, string Version, string Licence, string Copyright, string Address, string? Notices)
{
    /// <summary>The packages of a built program, by name.</summary>
    /// <param name="dependencies">Its .deps.json, which names what is loaded at run time.</param>
    /// <param name="assets">Its project.assets.json, which names the folders that packages were restored to.</param>
    public static IReadOnlyList<ShippedPackage> Of(string dependencies, string assets)
    {
        var (built, restored) = (Read(dependencies), Read(assets));
        string[] folders = [.. ((JsonObject)restored["packageFolders"]!).Select(f => f.Key)];
        return
        [
            .. ((JsonObject)built["libraries"]!)
                .Where(l => (string)l.Value!["type"]! == "package" && IsLoaded(built, l.Key))
                .Select(l => Of(l.Key.Split('/'), (string)l.Value!["path"]!, folders))
                .OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase),
        ];
    }

    // A package that only brings others is listed as well, and nothing of it is shipped.
    private static bool IsLoaded(JsonObject built, string library) =>
        ((JsonObject)built["targets"]!).Any(t => t.Value![library] is JsonObject files && (files["runtime"] ?? files["runtimeTargets"] ?? files["native"]) is not null);

    private static ShippedPackage Of(string[] nameAndVersion, string path, string[] folders)
    {
        var package = string.Join(' ', nameAndVersion);
        var folder = folders.Select(f => Path.Combine(f, path)).FirstOrDefault(Directory.Exists) ?? throw new CliException($"{package} is not restored");
        var metadata = XDocument.Load(Directory.GetFiles(folder, "*.nuspec").Single()).Root!.Elements().Single(e => e.Name.LocalName == "metadata");
        string? Said(string name) => metadata.Elements().SingleOrDefault(e => e.Name.LocalName == name)?.Value.Trim();

        var licence = metadata.Elements().SingleOrDefault(e => e.Name.LocalName == "license" && (string?)e.Attribute("type") == "expression")?.Value;
        var notices = Directory.GetFiles(folder).SingleOrDefault(f => Path.GetFileNameWithoutExtension(f).Equals("THIRD-PARTY-NOTICES", StringComparison.OrdinalIgnoreCase));
        return new(
            nameAndVersion[0],
            nameAndVersion[1],
            licence ?? throw new CliException($"{package} names no licence by an SPDX expression"),
            Said("copyright") ?? Said("authors") ?? throw new CliException($"{package} does not say whose it is"),
            Said("projectUrl") ?? "",
            notices is null ? null : File.ReadAllText(notices).ReplaceLineEndings("\n").Trim());
    }

    private static JsonObject Read(string path)
    {
        using var file = File.OpenRead(path);
        return (JsonObject)JsonNode.Parse(file)!;
    }
}
