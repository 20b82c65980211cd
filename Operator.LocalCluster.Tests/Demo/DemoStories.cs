using System.Net;
using System.Net.Sockets;
using LlmKube.Operator.LocalCluster.Demo;
using LlmKube.Operator.LocalCluster.Tests.Commands;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmKube.Operator.LocalCluster.Tests.Demo;

/// <summary>The whole demo as a process: real kubectl, real operator, real llama-server.</summary>
[Platform("Linux")]
public sealed class DemoStories
{
    private DirectoryInfo _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("demo-story-");

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [Test]
    public async Task From_nothing_to_an_answer()
    {
        using var demo = Start("--exit", "--port", "0");
        var (code, output, errors) = await demo.EndsAsync();
        Assert.That((code, errors), Is.EqualTo((0, "")), output);
        string[] told =
        [
            "$ kubectl apply -k deploy/overlays/dev", "Operator: available", "Model demo: Downloading", "Model demo: Ready (", "InferenceService demo: Creating", "InferenceService demo: Ready (", "answer:",
            """llmkube_model_status{model="demo",namespace="default",phase="Ready"} 1""", "llamacpp:tokens_predicted_total",
        ];
        Assert.That(told.Select(t => output.IndexOf(t, StringComparison.Ordinal)), Is.Ordered.And.None.Negative, output);
        Assert.That(Left(), Is.Empty);

        // Once more, in the same folder; this one stays.
        using var again = Start("--port", "0");
        await again.SaysAsync("Go on in another terminal:");
        Assert.That(Left().Where(l => l.Contains("llama-server", StringComparison.Ordinal)), Is.Not.Empty);
        await again.TerminateAsync();
        (code, output, errors) = await again.EndsAsync();
        Assert.That((code, errors), Is.EqualTo((0, "")), output);
        Assert.That(Left(), Is.Empty);
    }

    [Test]
    public async Task A_model_that_is_not_there_ends_it_with_its_reason()
    {
        await using var source = await ModelServer.StartAsync(_folder.CreateSubdirectory("source").FullName, NullLoggerFactory.Instance, CancellationToken.None);
        using var demo = Start("--exit", "--port", "0", "--model", $"{source.Address}none.gguf");
        var (code, output, errors) = await demo.EndsAsync();
        Assert.That((code, errors), Is.EqualTo((1, $"error: Model demo has failed: SourceNotFound: {source.Address}none.gguf answered 404 Not Found\n")), output);
        Assert.That(Left(), Is.Empty);
    }

    [Test]
    public async Task Stopped_on_its_way_it_leaves_no_process()
    {
        using var demo = Start("--port", "0");
        await demo.SaysAsync("InferenceService demo: Creating");
        Assert.That(Left().Where(l => l.Contains("LlmKube.Operator.dll", StringComparison.Ordinal)), Is.Not.Empty, "the operator runs");
        await demo.TerminateAsync();
        var (code, output, errors) = await demo.EndsAsync();
        Assert.That((code, errors), Is.EqualTo((130, "")), output);
        Assert.That(Left(), Is.Empty);
    }

    [Test]
    public async Task A_port_in_use_is_said()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var demo = Start("--port", $"{port}");
        var (code, output, errors) = await demo.EndsAsync();
        Assert.That((code, output, errors), Is.EqualTo((1, "", $"error: port {port} on 127.0.0.1 is taken; make demo DEMO_PORT=0 takes any that is free\n")));
    }

    private ClusterProcess Start(params string[] arguments) => new(["demo", "--folder", _folder.FullName, .. arguments]);

    /// <summary>The processes that know this test's folder, by their command line or their variables.</summary>
    private List<string> Left()
    {
        var left = new List<string>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(p => int.TryParse(Path.GetFileName(p), out var id) && id != Environment.ProcessId))
        {
            try
            {
                var command = File.ReadAllText(Path.Combine(process, "cmdline"));
                if ((command + File.ReadAllText(Path.Combine(process, "environ"))).Contains(_folder.FullName, StringComparison.Ordinal)) left.Add(command.Replace('\0', ' '));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended, or is none of ours.
            }
        }

        return left;
    }
}
