using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.Tests.Entities;
using LlmKube.Operator.Tests.Monitoring;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Deploy;

/// <summary>What <c>deploy/</c> and its overlays give a cluster.</summary>
[TestFixture]
internal sealed partial class OverlayTests
{
    private const string OneNamespace = "overlays/single-namespace", Separator = "\n---\n";

    // These are generated or tested elsewhere; here it counts that they are there.
    private static readonly string[] s_namedOnly = ["CustomResourceDefinition", "ClusterRole", "Role", "PrometheusRule", "ConfigMap"];

    private static readonly string[] s_clusterKinds = ["Namespace", "CustomResourceDefinition", "PriorityClass", "ClusterRole", "ClusterRoleBinding"];

    private static readonly string[] s_withCluster = ["default", "overlays/dev", "overlays/monitoring", "overlays/air-gapped"];

    private static readonly Dictionary<string, string> s_texts = [];

    private static readonly Dictionary<string, IReadOnlyList<JsonObject>> s_manifests = [];

    public static IEnumerable<string> Folders => [.. s_withCluster, OneNamespace];

    [OneTimeSetUp]
    public static async Task RenderAsync()
    {
        foreach (var folder in Folders)
        {
            s_texts[folder] = await RenderedManifests.TextAsync(PathOf(folder));
            s_manifests[folder] = RenderedManifests.Parse(s_texts[folder]);
        }
    }

    [Test]
    public void Every_overlay_is_looked_at() => Assert.That(
        Directory.GetDirectories(PathOf("overlays")).Select(d => $"overlays/{Path.GetFileName(d)}"), Is.EquivalentTo(Folders.Where(f => f != "default")));

    [Test]
    public async Task The_root_is_the_default() => Assert.That(await RenderedManifests.TextAsync(Installation.Root), Is.EqualTo(s_texts["default"]));

    [TestCaseSource(nameof(Folders))]
    public async Task Its_parts_find_each_other(string folder) => Assert.That(await ManifestProblems.OfAsync(s_manifests[folder]), Is.Empty);

    [TestCaseSource(nameof(Folders))]
    public void What_is_applied_is_as_it_was(string folder)
    {
        var usual = folder == "default" ? [] : s_texts["default"].Split(Separator).ToHashSet();
        var documents = s_texts[folder].Split(Separator).Zip(s_manifests[folder], (text, manifest) =>
            s_namedOnly.Contains(manifest.Text("kind")) ? $"# {manifest.Identity()}"
            : usual.Contains(text) ? $"# {manifest.Identity()}, as in default"
            : text);

        Golden.Match($"Deploy/{Path.GetFileName(folder)}.yaml", string.Join(Separator, documents));
    }

    [Test]
    public void In_one_namespace_nothing_is_the_clusters()
    {
        var manifests = s_manifests[OneNamespace];

        Assert.That(manifests.Select(m => m.Text("kind")), Has.None.AnyOf(s_clusterKinds));
        Assert.That(manifests.Select(m => m.Text("metadata", "namespace")).Distinct().ToList(), Is.EqualTo(["my-team"]));
    }

    [Test]
    public async Task One_line_moves_it_to_another_namespace()
    {
        const string Line = "namespace: my-team\n";
        var text = await File.ReadAllTextAsync(Path.Combine(PathOf(OneNamespace), "kustomization.yaml"));
        Assert.That(text.Split(Line), Has.Length.EqualTo(2));
        var folder = Directory.CreateTempSubdirectory("overlay-");
        try
        {
            var deploy = Path.GetRelativePath(folder.FullName, Path.Combine(Installation.Root, "deploy"));
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "kustomization.yaml"), text.Replace(Line, "namespace: other\n", StringComparison.Ordinal).Replace("- ../../", $"- {deploy}/", StringComparison.Ordinal));

            var moved = RenderedManifests.Parse(await RenderedManifests.TextAsync(folder.FullName));

            Assert.That(moved.Select(m => m.ToJsonString()), Has.None.Contains("my-team").And.None.Contains("llmkube-system"));
            Assert.That(await ManifestProblems.OfAsync(moved), Is.Empty);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Test]
    public void Without_a_way_out_all_images_come_from_the_mirror()
    {
        var container = s_manifests["overlays/air-gapped"].OfKind("Deployment").Single()["spec"]!["template"]!["spec"]!["containers"]![0]!;
        var settings = YamlManifests.Read(Path.Combine(PathOf("overlays/air-gapped"), "settings.yaml")).Single()["data"]!;

        Assert.That(container.Text("image"), Is.EqualTo($"{settings.Text("operator")}:{Version}"));
        Assert.That(container.Text("args", "0"), Is.EqualTo($"--image-mirror={settings.Text("llama.cpp")}"));
        Assert.That(settings.Text("images")!.Split('\n', StringSplitOptions.RemoveEmptyEntries), Is.EquivalentTo(ServerBuilds.All.Select(ServerImages.Default.Of)));
    }

    [Test]
    public void The_version_stands_in_one_place_and_whatever_else_names_it_is_held_to_it()
    {
        var image = s_manifests["default"].OfKind("Deployment").Single().Text("spec", "template", "spec", "containers", "0", "image");
        var named =
            from file in Directory.GetFiles(Installation.Root, "*.md").Concat(Directory.GetFiles(Path.Combine(Installation.Root, "docs"), "*.md"))
                .Concat(Directory.GetFiles(PathOf(""), "*.yaml", SearchOption.AllDirectories)).Append(Path.Combine(Installation.Root, "Dockerfile"))
            from Match match in NamedVersion().Matches(File.ReadAllText(file))
            select $"{Path.GetFileName(file)}: {match.Groups[1].Value}";

        Assert.That(image, Is.EqualTo($"llmkube-operator:{Version}"));
        Assert.That(named.ToList(), Is.Not.Empty.And.All.EndsWith($": {Version}"), "Directory.Build.props has another version");
    }

    [Test]
    public async Task A_cluster_takes_each_of_them_and_a_second_time_changes_nothing()
    {
        var folder = Directory.CreateTempSubdirectory("overlays-");
        await using var server = StoryCluster.IsExternal ? null : await ApiServerHost.StartAsync(new ApiServerOptions());
        var kubeconfig = StoryCluster.ExternalKubeconfig ?? Path.Combine(folder.FullName, "kubeconfig");
        server?.WriteKubeconfig(kubeconfig);
        var kubectl = new Kubectl(kubeconfig);
        try
        {
            await kubectl.RunAsync("apply", "-f", Path.Combine(Installation.Root, "Operator.Tests", "Monitoring", "Crds"));
            await kubectl.RunAsync("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s");
            foreach (var overlay in s_withCluster) await ApplyAsync(kubectl, overlay);
            await kubectl.RunAsync("create", "namespace", "my-team");
            await ApplyAsync(kubectl, "cluster");
            await ApplyAsync(kubectl, "rbac/users");
            await ApplyAsync(kubectl, OneNamespace);
        }
        finally
        {
            // But for the definitions, which other tests' objects may need.
            if (server is null) await kubectl.RunAsync("delete", "namespace", "llmkube-system", "my-team", "--ignore-not-found", "--timeout=60s");
            folder.Delete(recursive: true);
        }
    }

    private static string Version { get; } = XDocument.Load(Path.Combine(Installation.Root, "Directory.Build.props")).Descendants("Version").Single().Value;

    private static async Task ApplyAsync(Kubectl kubectl, string folder)
    {
        var path = PathOf(folder);
        await kubectl.RunAsync("apply", "-k", path, "--validate=strict");
        var again = await kubectl.RunAsync("apply", "-k", path, "--validate=strict", "--dry-run=server");
        Assert.That(Kubectl.ChangesIn(again), Is.Empty, folder);
    }

    [GeneratedRegex(@"(?:llmkube-operator:|newTag: ?|ContainerImageTag=)(\d+\.\d+\.\d+)")]
    private static partial Regex NamedVersion();

    private static string PathOf(string folder) => Path.Combine(Installation.Root, "deploy", folder);
}
