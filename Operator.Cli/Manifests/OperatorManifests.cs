using System.Text.Json.Nodes;
using LlmKube.Operator.Cli.Assemblies;
using LlmKube.Operator.Cli.Crds;
using LlmKube.Operator.Cli.Rbac;

namespace LlmKube.Operator.Cli.Manifests;

/// <summary>A manifest and where it goes, relative to the output folder and without extension.</summary>
internal sealed record ManifestFile(string Path, JsonObject Content);

/// <summary>What the objects around an operator are called.</summary>
internal sealed record OperatorNames(string Operator, string ServiceAccount, string Namespace);

/// <summary>All that is generated for an operator: <c>crds/</c> and <c>rbac/</c>, each a kustomize base.</summary>
internal static class OperatorManifests
{
    public static IReadOnlyList<ManifestFile> Build(AssemblySet assemblies, OperatorNames names, ManifestFormat format)
    {
        IReadOnlyList<ManifestFile> crds = [.. CrdBuilder.Build(assemblies).Select(c => new ManifestFile($"crds/{FileNameOf(c)}", c))];
        IReadOnlyList<ManifestFile> rbac =
        [
            new("rbac/role", RoleManifests.Role(names.Operator, RbacBuilder.Rules(assemblies))),
            new("rbac/role-binding", RoleManifests.Binding(names.Operator, names.ServiceAccount, names.Namespace)),
            new("rbac/service-account", RoleManifests.ServiceAccount(names.ServiceAccount, names.Namespace)),
        ];
        return [.. crds, Kustomization("crds", crds, format), .. rbac, Kustomization("rbac", rbac, format)];
    }

    // As controller-gen names them, so that the group's files stand together.
    private static string FileNameOf(JsonObject crd) => $"{crd["spec"]!["group"]}_{crd["spec"]!["names"]!["plural"]}";

    private static ManifestFile Kustomization(string folder, IReadOnlyList<ManifestFile> files, ManifestFormat format) =>
        new($"{folder}/kustomization", new JsonObject
        {
            ["apiVersion"] = "kustomize.config.k8s.io/v1beta1",
            ["kind"] = "Kustomization",
            ["resources"] = new JsonArray([.. files.Select(f => JsonValue.Create(Path.GetFileName(f.Path) + format.Extension()))]),
        });
}
