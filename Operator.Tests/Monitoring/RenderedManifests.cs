using System.Text.Json.Nodes;
using LlmKube.Operator.Tests.Entities;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Monitoring;

/// <summary>What kubectl makes of <c>deploy/</c>, in an overlay as a user would write it.</summary>
internal static class RenderedManifests
{
    /// <summary>The folder of the component.</summary>
    public static readonly string Monitoring = Path.Combine(Installation.Root, "deploy", "monitoring");

    /// <summary>What <c>kubectl apply -k .</c> applies.</summary>
    public static Task<IReadOnlyList<JsonObject>> RootAsync() => RenderAsync(Installation.Root);

    /// <summary>The operator with its monitoring.</summary>
    /// <param name="components">Which, by their folders below <c>deploy/</c>.</param>
    public static Task<IReadOnlyList<JsonObject>> OverlayAsync(params string[] components) => InFolderAsync(folder => WriteOverlay(folder, components));

    /// <summary>The rights of an operator that is in a namespace and works there alone.</summary>
    public static Task<IReadOnlyList<JsonObject>> OneNamespaceAsync(string @namespace) =>
        InFolderAsync(folder => Write(folder, $"resources: [{DeployFrom(folder)}/rbac/namespaced]", $"namespace: {@namespace}"));

    /// <summary>Writes an overlay into a folder.</summary>
    public static void WriteOverlay(string folder, params string[] components) =>
        Write(folder, $"resources: [{DeployFrom(folder)}/default]", $"components: [{string.Join(", ", components.Select(c => $"{DeployFrom(folder)}/{c}"))}]");

    /// <summary>Those of a kind.</summary>
    public static IEnumerable<JsonObject> OfKind(this IEnumerable<JsonObject> manifests, string kind) => manifests.Where(m => m.Text("kind") == kind);

    /// <summary>What is at a path of field names and positions, as text.</summary>
    public static string? Text(this JsonNode? node, params string[] path) => node.At(path)?.GetValue<string>();

    /// <summary>What is at a path of field names and positions; null: nothing.</summary>
    public static JsonNode? At(this JsonNode? node, params string[] path) => path.Aggregate(node, (at, step) => at switch
    {
        JsonObject fields => fields[step],
        JsonArray items when int.TryParse(step, out var index) && index < items.Count => items[index],
        _ => null,
    });

    /// <summary>Kind, namespace and name.</summary>
    public static string Identity(this JsonNode manifest) => string.Join('/', new[] { manifest.Text("kind"), manifest.Text("metadata", "namespace"), manifest.Text("metadata", "name") }.OfType<string>());

    /// <summary>Whether a selector selects what has these labels; as Kubernetes does, for the operators that ours use.</summary>
    public static bool Selects(this JsonNode selector, JsonNode? labels) =>
        (selector["matchLabels"]?.AsObject().All(l => labels.Text(l.Key) == l.Value!.GetValue<string>()) ?? true)
        && (selector["matchExpressions"]?.AsArray().All(e => e.Text("operator") == "Exists" && labels.At(e.Text("key")!) is not null) ?? true);

    /// <summary>What kubectl makes of a folder, as text.</summary>
    public static Task<string> TextAsync(string folder) => new Kubectl("none").RunAsync("kustomize", folder);

    /// <summary>The objects in a text.</summary>
    public static IReadOnlyList<JsonObject> Parse(string text)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, text);
            return YamlManifests.Read(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<IReadOnlyList<JsonObject>> RenderAsync(string folder) => Parse(await TextAsync(folder));

    private static string DeployFrom(string folder) => Path.GetRelativePath(folder, Path.Combine(Installation.Root, "deploy"));

    private static void Write(string folder, params IEnumerable<string> fields) =>
        File.WriteAllLines(Path.Combine(folder, "kustomization.yaml"), ["apiVersion: kustomize.config.k8s.io/v1beta1", "kind: Kustomization", .. fields]);

    private static async Task<IReadOnlyList<JsonObject>> InFolderAsync(Action<string> write)
    {
        var folder = Directory.CreateTempSubdirectory("overlay-");
        try
        {
            write(folder.FullName);
            return await RenderAsync(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
