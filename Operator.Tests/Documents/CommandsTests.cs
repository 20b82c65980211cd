using System.Text.RegularExpressions;
using LlmKube.Operator.Tests.Entities;

namespace LlmKube.Operator.Tests.Documents;

/// <summary>
/// The commands and manifests in documents, as they stand there. Every command runs, on one cluster for all, unless <see cref="s_elsewhere"/> says why it can't.
/// </summary>
internal sealed partial class CommandsTests
{
    // What a command has in it, and why it does not run here, though the others of its block do.
    private static readonly Dictionary<string, string> s_elsewhere = new()
    {
        ["$ make"] = "builds, or runs for minutes: CI runs verify and test; DemoStories, InstallTests and OperatorGoneTests what demo, deploy and undeploy run",
        ["dotnet run --project"] = "builds: CommandTests start the local cluster",
        ["$ docker "] = "needs a container engine",
        ["$ kind create"] = "needs a container engine",
        ["$ minikube start"] = "needs a virtual machine",
        ["$ helm "] = "needs the internet",
        ["$ kubectl llmkube"] = "needs the plugin: PluginStoryTests",
        [".demo/kubeconfig"] = "is for the cluster of make demo",
        ["/v1/chat/completions"] = "asks a server, and pods only pretend here: ServingTests ask one by its Service",
        [" port-forward "] = "the local cluster forwards no ports",
        ["https://localhost:8443/metrics"] = "asks through a forwarded port: InstallTests ask the pod, with a token that is made in the same way",
        ["delete -k"] = "takes away what the other documents speak of: InstallTests remove an installation",
        ["kubectl get apiservices"] = "asks for aggregated APIs, which the local cluster does not know",
        ["create clusterrole llmkube-metrics-reader"] = "is there, where the operator is not one of a namespace alone: SingleNamespaceTests",
        ["--for=delete crd/"] = "is for a cluster whose operator is gone: OperatorGoneTests",
    };

    private static readonly IReadOnlyList<Block> s_blocks = [.. MarkdownFile.All.SelectMany(f => f.Blocks)];

    private DocumentedCluster _cluster = null!;

    // What takes objects away comes last, and what takes all away at the very end.
    public static IEnumerable<Block> Runnable => s_blocks.Where(b => RunnableOf(b).Any())
        .OrderBy(b => b.Text.Contains(" delete ", StringComparison.Ordinal)).ThenBy(b => b.Text.Contains(" --all ", StringComparison.Ordinal));

    public static IEnumerable<Block> Manifests => s_blocks.Where(b => b.Language == "yaml");

    [OneTimeSetUp]
    public async Task StartAsync() => _cluster = await DocumentedCluster.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _cluster.DisposeAsync();

    [TestCaseSource(nameof(Runnable))]
    public async Task Commands_run(Block block)
    {
        var (code, output, errors) = await _cluster.RunAsync(string.Join('\n', RunnableOf(block)));

        Assert.That(code, Is.Zero, () => errors + output);
    }

    [TestCaseSource(nameof(Manifests))]
    public async Task Manifests_are_accepted(Block block)
    {
        var file = Path.Combine(_cluster.Folder, "block.yaml");
        await File.WriteAllTextAsync(file, block.Text);
        var kinds = YamlManifests.Read(file).Select(m => (string?)m["kind"]).ToList();
        if (kinds.All(k => k is null or "Kustomization")) return; // A part of one, or what kustomize alone reads.

        var (code, output, errors) = await _cluster.RunAsync($"kubectl apply --dry-run=server --validate=strict -f {file}");

        Assert.That(code, Is.Zero, () => errors + output);
        Assert.That(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(kinds.Count));
    }

    [Test]
    public void What_keeps_a_command_from_running_is_in_one()
    {
        var commands = s_blocks.SelectMany(CommandsOf).ToList();

        Assert.That(s_elsewhere.Keys.Where(phrase => !commands.Any(c => IsIn(phrase, c))), Is.Empty);
    }

    [TestCase("$ kubectl get a\n$ make deploy\n$ kubectl get b      # or: make deploy", "kubectl get a|kubectl get b      # or: make deploy")]
    [TestCase("$ make demo", "")]
    public void A_command_that_can_not_run_keeps_no_other_from_it(string text, string commands) =>
        Assert.That(string.Join('|', RunnableOf(new Block("", 0, "console", text))), Is.EqualTo(commands));

    [TestCase("$ a \\\n  --b\noutput\n$ c <<EOF\nd\nEOF\n$ e", "a \\\n  --b|c <<EOF\nd\nEOF|e")]
    [TestCase("output alone", "")]
    public void Commands_are_told_from_what_they_print(string text, string commands) =>
        Assert.That(string.Join('|', CommandsOf(new Block("", 0, "console", text))), Is.EqualTo(commands));

    /// <summary>The commands of a block: of a console's those behind the prompt, of a script it as a whole.</summary>
    internal static IEnumerable<string> CommandsOf(Block block)
    {
        if (block.Language is "sh" or "bash") return [block.Text];
        if (block.Language != "console") return [];
        var commands = new List<string>();
        string? until = null;
        foreach (var line in block.Text.Split('\n'))
        {
            var goesOn = commands.Count > 0 && (until is not null || commands[^1].EndsWith('\\'));
            if (goesOn) commands[^1] += "\n" + line;
            else if (line.StartsWith("$ ", StringComparison.Ordinal)) commands.Add(line[2..]);
            else continue;
            if (until is null) until = HereDocument().Match(line) is { Success: true } begin ? begin.Groups["end"].Value : null;
            else if (line == until) until = null;
        }

        return commands;
    }

    private static IEnumerable<string> RunnableOf(Block block) => CommandsOf(block).Where(c => !s_elsewhere.Keys.Any(phrase => IsIn(phrase, c)));

    private static bool IsIn(string phrase, string command) => $"$ {Remark().Replace(command, "")}".Contains(phrase, StringComparison.Ordinal);

    [GeneratedRegex("<<'?(?<end>[A-Z]+)'?$")]
    private static partial Regex HereDocument();

    [GeneratedRegex(@"\s{2,}# .*$")]
    private static partial Regex Remark();
}
