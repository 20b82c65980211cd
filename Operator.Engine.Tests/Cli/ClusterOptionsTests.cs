using k8s.Exceptions;
using LlmKube.Operator.Cli.Cluster;
using LlmKube.Operator.Cli.Commands;

namespace LlmKube.Operator.Engine.Tests.Cli;

/// <summary>Which cluster the flags and <c>$KUBECONFIG</c> mean; as with kubectl.</summary>
[TestFixture]
internal sealed class ClusterOptionsTests
{
    private DirectoryInfo _folder = null!;

    [SetUp]
    public void Create() => _folder = Directory.CreateTempSubdirectory("kubeconfig");

    [TearDown]
    public void Delete() => _folder.Delete(recursive: true);

    [TestCase("a", null, null, "https://a-one")]
    [TestCase("a", "two", null, "https://a-two")]
    [TestCase("a", "two", "b", "https://a-two", TestName = "A_flag_beats_the_variable")]
    [TestCase(null, null, "b", "https://b-one")]
    [TestCase(null, "two", "b", "https://b-two", TestName = "A_context_is_looked_for_in_the_variables_file")]
    [TestCase(null, null, "missing:b", "https://b-one", TestName = "A_file_that_is_missing_from_the_list_is_passed_over")]
    public void The_cluster_is(string? file, string? context, string? variable, string host)
    {
        Write("a");
        Write("b");
        var list = variable is null ? null : string.Join(Path.PathSeparator, variable.Split(':').Select(Full));

        Assert.That(
            ClusterOptions.Configuration(file is null ? null : new FileInfo(Full(file)), context, list).Host, Is.EqualTo(host));
    }

    [Test]
    public void A_context_of_another_file_is_not_found()
    {
        Write("a");

        Assert.That(() => ClusterOptions.Configuration(null, "elsewhere", Full("a")), Throws.TypeOf<KubeConfigException>());
    }

    [Test]
    public void A_variable_that_names_nothing_is_said_so() => Assert.That(
        () => ClusterOptions.Configuration(null, null, Full("missing")),
        Throws.TypeOf<CliException>().With.Message.EqualTo("$KUBECONFIG names no file that exists"));

    [TestCase("clusters: [}", "the kubeconfig is not valid YAML: line 1: ")]
    [TestCase("- a\n- b\n", "the kubeconfig is not valid YAML: line 1: ")]
    public async Task A_broken_kubeconfig_is_one_line(string content, string problem)
    {
        await File.WriteAllTextAsync(Full("broken"), content);
        using var output = new StringWriter();
        using var error = new StringWriter();

        var code = await CommandLine.RunAsync(
            ["install", typeof(LlmKube.Operator.Entities.Model).Assembly.Location, "--kubeconfig", Full("broken")],
            output,
            error,
            TimeProvider.System,
            CancellationToken.None);

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error.ToString(), Does.StartWith("error: " + problem).And.Not.Contain("   at "));
        Assert.That(error.ToString().TrimEnd().Split('\n'), Has.Length.EqualTo(1));
    }

    private string Full(string name) => Path.Combine(_folder.FullName, name);

    private void Write(string name) => File.WriteAllText(Full(name), $"""
        apiVersion: v1
        kind: Config
        current-context: one
        clusters:
        - name: c1
          cluster:
            server: https://{name}-one
        - name: c2
          cluster:
            server: https://{name}-two
        users:
        - name: u
          user:
            token: t
        contexts:
        - name: one
          context:
            cluster: c1
            user: u
        - name: two
          context:
            cluster: c2
            user: u
        """);
}
