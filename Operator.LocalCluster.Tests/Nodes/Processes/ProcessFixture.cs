using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Nodes.Processes;
using LlmKube.Operator.LocalCluster.Tests.Controllers;

namespace LlmKube.Operator.LocalCluster.Tests.Nodes.Processes;

/// <summary>A cluster on a fake clock whose pods are real processes (shells), and what its stories do with them.</summary>
public abstract class ProcessFixture
{
    private protected static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private protected DirectoryInfo Folder { get; private set; } = null!;

    private protected TestCluster Cluster { get; private set; } = null!;

    [SetUp]
    public async Task StartAsync()
    {
        Folder = Directory.CreateTempSubdirectory("nodes-");
        Cluster = await TestCluster.StartAsync(new ProcessOptions { Folder = Folder.FullName, Images = [new("shell:*", "/bin/sh", ["-c"])] });
    }

    [TearDown]
    public async Task StopAsync()
    {
        await Cluster.DisposeAsync();
        Folder.Delete(recursive: true);
    }

    private protected static async Task<string> ReadAsync(string file) => File.Exists(file) ? await File.ReadAllTextAsync(file) : "";

    private protected static Action<V1PodSpec> Also(Action<V1PodSpec> first, Action<V1PodSpec> second) => first + second;

    private protected static string? Condition(V1Pod pod, string type) => pod.Status?.Conditions?.FirstOrDefault(c => c.Type == type)?.Status;

    // The ids that a script wrote; $$$$ in an argument is $$ to the shell.
    private protected static int Alive(string ids) => File.ReadAllText(ids).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Count(id =>
        File.Exists($"/proc/{id}/stat") && !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal));

    private protected Task PodAsync(string name, string script, Action<V1PodSpec>? change = null)
    {
        var pod = Build.Pod(name, change);
        foreach (var container in pod.Spec.Containers) (container.Image, container.Args) = ("shell:1", [script]);
        return Cluster.Client.CoreV1.CreateNamespacedPodAsync(pod, Cluster.Namespace);
    }

    private protected Task<V1Pod> GetAsync(string name) => Cluster.Client.CoreV1.ReadNamespacedPodAsync(name, Cluster.Namespace);

    private protected async Task<V1Pod?> FindAsync(string name) => (await Cluster.PodsAsync()).Find(p => p.Metadata.Name == name);

    private protected async Task<V1Pod> SeeAsync(string name, Func<V1Pod, bool> isSo)
    {
        V1Pod pod = null!;
        await Cluster.UntilAsync($"{name} is as it should be", async () => isSo(pod = await GetAsync(name)));
        return pod;
    }

    private protected Task GoneAsync(string name) => Cluster.UntilAsync($"{name} is gone", async () => await FindAsync(name) is null);

    private protected Task EventAsync(string reason, string message) => Cluster.UntilAsync(
        $"the Event {reason}", async () => (await Cluster.Client.CoreV1.ListNamespacedEventAsync(Cluster.Namespace)).Items.Any(e => e.Reason == reason && e.Message == message));

    private protected Task LogAsync(string name, Func<string, bool> isSo, bool previous = false) => Cluster.UntilAsync($"the log of {name}", async () =>
    {
        try
        {
            using var log = await Cluster.Client.CoreV1.ReadNamespacedPodLogAsync(name, Cluster.Namespace, previous: previous);
            using var reader = new StreamReader(log);
            return isSo(await reader.ReadToEndAsync());
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == System.Net.HttpStatusCode.BadRequest)
        {
            return false; // Not there yet.
        }
    });
}
