using LlmKube.Operator.LocalCluster.Nodes.Processes;

namespace LlmKube.Operator.LocalCluster.Tests.Nodes.Processes;

public sealed class RewriterTests
{
    private static readonly Dictionary<string, string> s_folders = new() { ["/models"] = "/v/pvc-1", ["/models/hub"] = "/v/hub", ["/dev/termination-log"] = "/c/end" };

    // A path of a mount.
    [TestCase("/models/a/model.gguf", "/v/pvc-1/a/model.gguf")]
    [TestCase("/models", "/v/pvc-1")]
    [TestCase("--model=/models/a.gguf", "--model=/v/pvc-1/a.gguf")]
    [TestCase("/models/hub/x", "/v/hub/x")]
    [TestCase("/bin:/models/bin:/models/hub", "/bin:/v/pvc-1/bin:/v/hub")]
    [TestCase("cat /models/a > \"/dev/termination-log\"", "cat /v/pvc-1/a > \"/c/end\"")]

    [TestCase("echo x >/dev/termination-log", "echo x >/c/end")]
    [TestCase("(cat</models/a)|tee`/models/b`", "(cat</v/pvc-1/a)|tee`/v/pvc-1/b`")]
    [TestCase("@/models/body.json", "@/v/pvc-1/body.json")]
    [TestCase("file:///models/a.gguf", "file:///v/pvc-1/a.gguf")]

    // What only looks like one.
    [TestCase("/models2/a", "/models2/a")]
    [TestCase("/data/models/a", "/data/models/a")]
    [TestCase("https://example.com/models/a.gguf", "https://example.com/models/a.gguf")]
    [TestCase("profile:///models/a.gguf", "profile:///models/a.gguf")]

    // All addresses.
    [TestCase("0.0.0.0", "127.64.0.9")]
    [TestCase("--listen=0.0.0.0:8080", "--listen=127.64.0.9:8080")]
    [TestCase("http://0.0.0.0:8080/x", "http://127.64.0.9:8080/x")]
    [TestCase("[::]:8080", "127.64.0.9:8080")]
    [TestCase("::", "127.64.0.9")]
    [TestCase(":8080", "127.64.0.9:8080")]
    [TestCase("--metrics-bind-address=:8080", "--metrics-bind-address=127.64.0.9:8080")]

    // Other addresses, ports and numbers.
    [TestCase("10.0.0.0", "10.0.0.0")]
    [TestCase("0.0.0.0/0", "0.0.0.0/0")]
    [TestCase("0.0.0.0.1", "0.0.0.0.1")]
    [TestCase("127.0.0.1:8080", "127.0.0.1:8080")]
    [TestCase("image:8080", "image:8080")]
    [TestCase("a::b", "a::b")]
    [TestCase("0", "0")]
    [TestCase("", "")]
    public void What_is_the_containers_own_is_replaced(string given, string expected) =>
        Assert.That(new Rewriter("127.64.0.9", s_folders).Apply(given), Is.EqualTo(expected));

    [Test]
    public void It_remembers_what_it_replaced()
    {
        var rewriter = new Rewriter("127.64.0.9", s_folders);
        foreach (var word in (string[])["--model", "/models/a", "--host", "0.0.0.0", "--bind=:8080"]) rewriter.Apply(word);

        Assert.That(rewriter.Used, Is.EqualTo(new Dictionary<string, string> { ["/models"] = "/v/pvc-1", ["0.0.0.0"] = "127.64.0.9", [":8080"] = "127.64.0.9:8080" }));
    }

    [Test]
    public void Without_mounts_paths_stay() => Assert.That(new Rewriter("127.64.0.9", new Dictionary<string, string>()).Apply("/models/a"), Is.EqualTo("/models/a"));
}
