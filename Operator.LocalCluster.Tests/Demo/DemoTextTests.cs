using System.Reflection;
using LlmKube.Operator.LocalCluster.Commands;
using LlmKube.Operator.LocalCluster.Demo;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.LocalCluster.Tests.Demo;

/// <summary>What the demo prints and applies.</summary>
public sealed class DemoTextTests
{
    private static string Root => typeof(DemoTextTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key is "RepositoryFolder").Value!;

    [Test]
    public void A_step_has_its_time()
    {
        var time = new FakeTimeProvider();
        using var output = new StringWriter();
        var console = new DemoConsole(output, isTerminal: false, time);
        time.Advance(TimeSpan.FromMilliseconds(3_240));
        console.Step("Model demo: Downloading");
        console.Change("fetching: 42.0 %");
        time.Advance(TimeSpan.FromSeconds(100));
        console.Step("Model demo: Ready");
        Assert.That(output.ToString().Split(output.NewLine), Is.EqualTo(new[] { "   3.2s  Model demo: Downloading", " 103.2s  Model demo: Ready", "" }));
    }

    [Test]
    public void On_a_terminal_a_line_changes_in_place()
    {
        using var output = new StringWriter();
        var console = new DemoConsole(output, isTerminal: true, new FakeTimeProvider());
        console.Change("10 %");
        console.Change("20 %");
        console.Step("Ready");
        Assert.That(output.ToString(), Is.EqualTo($"\r\e[K   0.0s  10 %\r\e[K   0.0s  20 %\r\e[K   0.0s  Ready{output.NewLine}"));
    }

    [Test]
    public void The_sample_is_applied_with_another_source_and_otherwise_as_it_stands()
    {
        var sample = File.ReadAllText(Path.Combine(Root, Sample.Path));
        var applied = Sample.WithSource(sample, new("https://example.com/a.gguf?x=1&y='2'"));
        var (before, after) = (sample.Split('\n'), applied.Split('\n'));
        var changed = before.Zip(after).Where(l => l.First != l.Second).ToList();
        Assert.That(after, Has.Length.EqualTo(before.Length));
        Assert.That(changed.Select(l => l.Second), Is.EqualTo(new[] { "  source: \"https://example.com/a.gguf?x=1&y='2'\"" }));
    }

    [TestCase("spec: {}")]
    [TestCase("  source: a\n  source: b")]
    public void A_sample_without_one_source_is_refused(string manifest) => Assert.That(() => Sample.WithSource(manifest, new("http://a/b")), Throws.TypeOf<CannotRunException>());

    [Test]
    public void The_next_commands_can_be_pasted()
    {
        var parent = Directory.CreateTempSubdirectory("demo-");
        try
        {
            using var demo = DemoFolder.Open(Path.Combine(parent.FullName, "my clone", ".demo"));
            var next = new NextCommands(Path.Combine(parent.FullName, "my clone/.tools/bin/kubectl"), isOnPath: false, demo, parent.FullName);
            const string kubectl = "'my clone/.tools/bin/kubectl' --kubeconfig 'my clone/.demo/kubeconfig'";

            Assert.That(next.LookAround(new("http://127.64.128.10:8080/")), Has.ItemAt(0).EqualTo($"{kubectl} get mdl,isvc")
                .And.Exactly(1).EqualTo("""curl -s http://127.64.128.10:8080/v1/chat/completions -d '{"messages":[{"role":"user","content":"Hello"}],"max_tokens":32}'"""));
            Assert.That(next.Metrics(new("https://127.64.0.1:8443/metrics")), Is.EqualTo(
                $$$"""curl -sk https://127.64.0.1:8443/metrics -H "Authorization: Bearer $({{{kubectl}}} config view --raw -o 'jsonpath={.users[0].user.token}')" | grep ^llmkube_"""));
            Assert.That(next.Prometheus()[^1], Is.EqualTo(
                "PATH=.tools/bin:$PATH prometheus --config.file='my clone/.demo/prometheus.yml' --storage.tsdb.path='my clone/.demo/prometheus' --web.listen-address=127.0.0.1:9090"));
            Assert.That(next.Traces(), Is.EqualTo($"{kubectl} set env -n llmkube-system deploy/llmkube-operator OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317"));
        }
        finally
        {
            parent.Delete(recursive: true);
        }
    }

    [Test]
    public void The_next_commands_name_no_more_than_they_must()
    {
        var parent = Directory.CreateTempSubdirectory("demo-");
        try
        {
            using var demo = DemoFolder.Open(Path.Combine(parent.FullName, ".demo"));
            var commands = new NextCommands("/usr/bin/kubectl", isOnPath: true, demo, parent.FullName).LookAround(null);

            Assert.That(commands[0], Is.EqualTo("kubectl --kubeconfig .demo/kubeconfig get mdl,isvc"));
            Assert.That(commands, Has.None.StartsWith("curl"));
            Assert.That(NextCommands.Short("/elsewhere/kubeconfig", "/src"), Is.EqualTo("/elsewhere/kubeconfig"));
        }
        finally
        {
            parent.Delete(recursive: true);
        }
    }

    [Test]
    public void Of_a_scrape_only_what_tells_of_the_demo_is_shown()
    {
        const string scrape = """
            # HELP llmkube_model_status 1 for the phase that the Model is in
            # TYPE llmkube_model_status gauge
            llmkube_model_status{model="demo",phase="Pending"} 0
            llmkube_model_status{model="demo",phase="Ready"} 1
            llmkube_model_status_other 1
            process_cpu_seconds_total 3
            llmkube_first 7
            """;
        Assert.That(MetricsExcerpt.Of(scrape, ["llmkube_first", "llmkube_model_status"]), Is.EqualTo(new[] { "llmkube_first 7", """llmkube_model_status{model="demo",phase="Ready"} 1""" }));
    }

    [Test]
    public void An_answer_is_told_in_one_line_and_commands_no_terminal()
    {
        var answer = new ChatAnswer("one\ntwo \e[31mred\a", 3, 12.6);
        Assert.That((answer.Line, answer.Speed), Is.EqualTo(("one two [31mred", "3 tokens, 13 per second")));
    }
}
