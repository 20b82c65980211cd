using LlmKube.Operator.Cli.Commands;

namespace LlmKube.Operator.Engine.Tests.Cli;

[TestFixture]
internal sealed class CommandLineTests
{
    private const string Zoo = """
        [KubernetesEntity(Group = "demo.dev", ApiVersion = "v1", Kind = "Zoo", PluralName = "zoos")]
        public class Zoo : CustomKubernetesEntity<Zoo.S, Zoo.S> { public class S { } }
        """;

    [TestCase("", "Required command was not provided.")]
    [TestCase("frobnicate", "frobnicate")]
    [TestCase("generate operator", "'name'")]
    [TestCase("generate operator zoo", "'assemblies'")]
    [TestCase("generate operator zoo nowhere.dll", "nowhere.dll does not exist: build it first")]
    [TestCase("generate operator zoo a.dll --format Toml", "Toml")]
    [TestCase("install a.dll --timeout soon", "soon")]
    [TestCase("api-version --kubeconfig nowhere.yaml", "nowhere.yaml")]
    public async Task A_mistake_is_answered_in_one_line_and_with_exit_code_2(string arguments, string problem)
    {
        var (code, output, error) = await RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.That(code, Is.EqualTo(2));
        Assert.That(output, Is.Empty);
        Assert.That(error, Does.StartWith("error: ").And.Contain(problem));
        Assert.That(error.TrimEnd('\n'), Does.Not.Contain('\n'));
    }

    [Test]
    public async Task A_file_that_is_no_assembly_is_named()
    {
        using var assembly = CompiledAssembly.From(Zoo);
        var text = Path.Combine(assembly.Folder, "text.dll");
        await File.WriteAllTextAsync(text, "not an assembly");

        var (code, _, error) = await RunAsync("generate", "operator", "zoo", text);

        Assert.That((code, error), Is.EqualTo((2, $"error: {text} is not a .NET assembly\n")));
    }

    [TestCase("--help", "generate")]
    [TestCase("generate operator --help", "--service-account")]
    [TestCase("install --help", "--force")]
    [TestCase("uninstall --help", "--force")]
    public async Task Help_lists_what_there_is(string arguments, string word)
    {
        var (code, output, _) = await RunAsync(arguments.Split(' '));

        Assert.That(code, Is.Zero);
        Assert.That(output, Does.Contain(word));
    }

    [Test]
    public async Task Manifests_go_to_standard_output_as_one_stream()
    {
        using var assembly = CompiledAssembly.From(Zoo);

        var (code, output, error) = await RunAsync("generate", "operator", "zoo", assembly.Path);

        Assert.That((code, error), Is.EqualTo((0, "")));
        Assert.That(output.Split("---\n").Select(d => d.Split('\n').First(l => l.StartsWith("kind: ", StringComparison.Ordinal))), Is.EqualTo(
            new[] { "CustomResourceDefinition", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "ClusterRole", "ClusterRole", "ClusterRole" }.Select(k => $"kind: {k}")));
        Assert.That(output, Does.Contain("namespace: zoo-system"));
    }

    [Test]
    public async Task A_folder_is_filled_and_what_has_not_changed_is_not_touched()
    {
        using var assembly = CompiledAssembly.From(Zoo);
        string[] command = ["generate", "operator", "zoo", assembly.Path, "--out", Path.Combine(assembly.Folder, "out")];
        var (_, first, _) = await RunAsync(command);
        var crd = first.Split('\n')[0];
        var longAgo = new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(crd, longAgo);

        var (_, second, _) = await RunAsync(command);

        Assert.That(second, Is.EqualTo(first));
        Assert.That(crd, Does.EndWith("out/crds/demo.dev_zoos.yaml"));
        Assert.That(File.GetLastWriteTimeUtc(crd), Is.EqualTo(longAgo));
    }

    [Test]
    public async Task Clearing_deletes_stale_manifests_and_nothing_else()
    {
        using var assembly = CompiledAssembly.From(Zoo);
        var output = Path.Combine(assembly.Folder, "out");
        Directory.CreateDirectory(Path.Combine(output, "crds"));
        Directory.CreateDirectory(Path.Combine(output, "rbac", "users"));
        string[] mine = [Path.Combine(output, "crds", "notes.txt"), Path.Combine(output, "mine.yaml")];
        string[] stale = [Path.Combine(output, "crds", "demo.dev_cages.yaml"), Path.Combine(output, "rbac", "users", "cage-viewer-role.yaml")];
        foreach (var file in mine.Concat(stale)) await File.WriteAllTextAsync(file, "x");

        await RunAsync("generate", "operator", "zoo", assembly.Path, "--out", output, "--clear-out");

        Assert.That(stale, Has.None.Matches<string>(File.Exists));
        Assert.That(mine, Has.All.Matches<string>(File.Exists));
    }

    [Test]
    public async Task Json_is_written_on_request()
    {
        using var assembly = CompiledAssembly.From(Zoo);
        var output = Path.Combine(assembly.Folder, "out");

        await RunAsync("generate", "operator", "zoo", assembly.Path, "--out", output, "--format", "Json");

        var crd = await File.ReadAllTextAsync(Path.Combine(output, "crds", "demo.dev_zoos.json"));
        Assert.That((string?)System.Text.Json.Nodes.JsonNode.Parse(crd)!["metadata"]!["name"], Is.EqualTo("zoos.demo.dev"));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(output, "crds", "kustomization.yaml")), Does.Contain("demo.dev_zoos.json"));
    }

    [Test]
    public async Task No_code_of_the_assembly_runs()
    {
        using var assembly = CompiledAssembly.From($$"""
            {{Zoo}}
            [KubernetesEntity(Group = "demo.dev", ApiVersion = "v1", Kind = "Trap", PluralName = "traps")]
            public class Trap : CustomKubernetesEntity { static Trap() => throw new Exception(); public Trap() => throw new Exception(); }
            public static class Start { [System.Runtime.CompilerServices.ModuleInitializer] internal static void Run() => throw new Exception("it ran"); }
            """);

        var (code, output, error) = await RunAsync("generate", "operator", "zoo", assembly.Path);

        Assert.That((code, error), Is.EqualTo((0, "")));
        Assert.That(output, Does.Contain("name: traps.demo.dev"));
    }

    internal static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var code = await CommandLine.RunAsync(args, output, error, TimeProvider.System, CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }
}
