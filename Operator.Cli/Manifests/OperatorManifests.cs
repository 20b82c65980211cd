using System.Text.Json.Nodes;
using LlmKube.Operator.Cli.Assemblies;
using LlmKube.Operator.Cli.Crds;
using LlmKube.Operator.Cli.Rbac;

namespace LlmKube.Operator.Cli.Manifests;

/// <summary>A manifest and where it goes, relative to the output folder and without extension.</summary>
internal sealed record ManifestFile(string Path, JsonObject Content)
{
    /// <summary>The name of the file that makes a folder a kustomize base.</summary>
    public const string Kustomization = "kustomization";

    public string Folder => Path[..Path.LastIndexOf('/')];

    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}

/// <summary>What the objects around an operator are called.</summary>
/// <param name="Operator">The operator, its roles and their bindings.</param>
/// <param name="ServiceAccount">Whom the roles are bound to.</param>
/// <param name="Namespace">Where the operator is.</param>
/// <param name="RolePrefix">What the names of roles for users begin with.</param>
internal sealed record OperatorNames(string Operator, string ServiceAccount, string Namespace, string RolePrefix);

/// <summary>
/// All that is generated for an operator, each folder a kustomize base. <c>crds/</c> and <c>rbac/</c> are for an operator that works in all namespaces.
/// One that works in its own alone gets <c>rbac/namespaced/</c> in the place of <c>rbac/</c>.
/// </summary>
internal static class OperatorManifests
{
    private const string OneNamespace = "rbac/namespaced";

    // What a base is made of beside its own files.
    private static readonly Dictionary<string, string[]> Parts = new() { ["rbac"] = ["account", "users"], [OneNamespace] = ["../account"] };

    public static IReadOnlyList<ManifestFile> Build(AssemblySet assemblies, OperatorNames names, ManifestFormat format)
    {
        ManifestFile[] files =
        [
            .. CrdBuilder.Build(assemblies).Select(c => new ManifestFile($"crds/{FileNameOf(c)}", c)),
            .. OperatorRoles.Build(assemblies, names),
            .. UserRoles.Build(assemblies, names),
        ];
        var folders = files.ToLookup(f => f.Folder);
        return [.. folders.SelectMany(folder => folder.Append(Kustomization(folder.Key, PartsOf(folder.Key), folder, format)))];

        IEnumerable<string> PartsOf(string folder) => Parts.GetValueOrDefault(folder, []).Where(part => part.StartsWith("..", StringComparison.Ordinal) || folders.Contains($"{folder}/{part}"));
    }

    /// <summary>True for what one applies to install the operator, as it is; a kustomization is none, and of two ways to give rights the default is meant.</summary>
    public static bool IsApplied(ManifestFile file) => file.Name != ManifestFile.Kustomization && file.Folder != OneNamespace;

    // As controller-gen names them, so that the group's files stand together.
    private static string FileNameOf(JsonObject crd) => $"{crd["spec"]!["group"]}_{crd["spec"]!["names"]!["plural"]}";

    private static ManifestFile Kustomization(string folder, IEnumerable<string> parts, IEnumerable<ManifestFile> files, ManifestFormat format) =>
        new($"{folder}/{ManifestFile.Kustomization}", new JsonObject
        {
            ["apiVersion"] = "kustomize.config.k8s.io/v1beta1",
            ["kind"] = "Kustomization",
            ["resources"] = new JsonArray([.. parts.Concat(files.Select(f => f.Name + format.Extension())).Select(r => JsonValue.Create(r))]),
        });
}
