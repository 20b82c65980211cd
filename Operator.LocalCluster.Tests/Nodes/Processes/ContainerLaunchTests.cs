using k8s.Models;
using LlmKube.Operator.LocalCluster.Nodes.Processes;

namespace LlmKube.Operator.LocalCluster.Tests.Nodes.Processes;

/// <summary>What is run in a container's place. /bin/sh and the like stand for programs, as they exist everywhere.</summary>
public sealed class ContainerLaunchTests
{
    private static readonly ImageProgram s_image = new("shell:*", "/bin/sh", ["-e"]);
    private static readonly Dictionary<string, string> s_variables = new() { ["PORT"] = "8080", ["WHERE"] = "/models/x" };

    private static readonly Dictionary<string, string> s_host = new() { ["PATH"] = "/usr/bin:/bin", ["HOME"] = "/c/models", ["PORT"] = "1" };

    private static IEnumerable<TestCaseData<string[]?, string[]?, string>> Lines() =>
    [
        new(null, null, "/bin/sh -e") { TestName = "The image's program" },
        new(null, ["-c", "true"], "/bin/sh -e -c true") { TestName = "with the arguments" },
        new(["/bin/cat"], ["/models/a"], "/bin/cat /v/a") { TestName = "A command takes its place" },
        new(["cat", "-n"], ["x"], "/usr/bin/cat -n x") { TestName = "is found on the path" },
        new(["/app/sh", "-x"], ["y"], "/bin/sh -x y") { TestName = "and is the image's own by its name" },
        new(null, ["--port", "$(PORT)", "$(MISSING)", "$$(PORT)", "$(WHERE)"], "/bin/sh -e --port 8080 $(MISSING) $(PORT) /v/x") { TestName = "Variables are expanded before paths are replaced" },
    ];

    [TestCaseSource(nameof(Lines))]
    public void The_line_is_what_a_container_would_run(string[]? command, string[]? args, string expected)
    {
        var launch = Build(new V1Container { Command = command, Args = args });

        Assert.That(string.Join(' ', [launch.Program, .. launch.Arguments]), Is.EqualTo(expected));
    }

    [Test]
    public void The_containers_own_variables_are_rewritten_and_come_first()
    {
        var launch = Build(new V1Container());

        Assert.That(launch.Environment, Is.EqualTo(new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["HOME"] = "/c/models", ["PORT"] = "8080", ["WHERE"] = "/v/x" }));
    }

    [TestCase("/no/such", "exec: \"/no/such\": stat: no such file or directory")]
    [TestCase("/etc/passwd", "exec: \"/etc/passwd\": permission denied")]
    [TestCase("no-such", "exec: \"no-such\": executable file not found in $PATH")]
    public void A_missing_program_is_told_as_a_runtime_does(string program, string message) =>
        Assert.That(() => Build(new V1Container { Command = [program] }), Throws.TypeOf<FileNotFoundException>().With.Message.EqualTo(message));

    private static ContainerLaunch Build(V1Container container) => ContainerLaunch.Build(
        container, s_image, s_variables, new Rewriter("127.64.0.9", new Dictionary<string, string> { ["/models"] = "/v", ["/c"] = "/other" }), s_host);
}
