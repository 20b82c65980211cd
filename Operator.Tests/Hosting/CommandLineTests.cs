using System.Diagnostics;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.Tests.Hosting;

public sealed class CommandLineTests
{
    [TestCase("--metrics-bind-address=nowhere", "--metrics-bind-address: 'nowhere' must be [address]:port, or 0 for off")]
    [TestCase("--health-probe-bind-address=:99999", "--health-probe-bind-address: ':99999' must be [address]:port, or 0 for off")]
    [TestCase("--model-cache-size=big", "--model-cache-size: 'big' must be a quantity above zero, for instance 100Gi")]
    [TestCase("--model-cache-access-mode=Sometimes", "--model-cache-access-mode: 'Sometimes' must be ReadWriteOnce, ReadWriteMany or ReadWriteOncePod")]
    [TestCase("--namespace=Not_One", "--namespace: 'Not_One' must be a namespace's name")]
    [TestCase("--log-level=loud", "--log-level: 'loud' must be trace, debug, information, warning or error")]
    [TestCase("--workers=0", "--workers: '0' must be a number from 1 to 256")]
    [TestCase("--kubeconfig=/no/such/file", "--kubeconfig: there is no file '/no/such/file'")]
    [TestCase("--leader-elect=perhaps", "--leader-elect: 'perhaps' must be true or false")]
    [TestCase("--metrics-secure=maybe", "--metrics-secure: 'maybe' must be true or false")]
    [TestCase("--metrics-cert-path=/no/such/folder", "--metrics-cert-path: '/no/such/folder' is not a folder")]
    [TestCase("--metrics-cert-name=a.pem", "--metrics-cert-name has no effect without --metrics-cert-path")]
    [TestCase("--max-concurrent-fetches=-1", "--max-concurrent-fetches: '-1' must be a number from 0 to 10000")]
    [TestCase("--max-concurrent-upgrades=all", "--max-concurrent-upgrades: 'all' must be a number from 0 to 10000")]
    [TestCase("--allowed-source-addresses=10.0.0.0/8,no host", "--allowed-source-addresses: '10.0.0.0/8,no host' must be a host name, an IP address, or a CIDR block")]
    [TestCase("--huggingface-endpoint=hub.example", "--huggingface-endpoint: 'hub.example' must be an http or https URL without user, query and fragment")]
    [TestCase("--huggingface-endpoint=https://me:secret@hub.example", "must be an http or https URL without user")]
    [TestCase("--ca-cert-configmap=My_Bundle", "--ca-cert-configmap: 'My_Bundle' must be the name of a ConfigMap")]
    [TestCase("--image-mirror=https://registry.example/", "--image-mirror: 'https://registry.example/' must be a registry with a path")]
    [TestCase("--server-image=cuda", "--server-image: 'cuda' must be BUILD=IMAGE with one of the builds cpu, cuda, rocm, intel, vulkan")]
    [TestCase("--server-image=metal=x", "--server-image: 'metal=x' must be BUILD=IMAGE")]
    [TestCase("--no-such-flag", "--no-such-flag")]
    [TestCase("--workers", "--workers")]
    public async Task A_wrong_flag_is_one_line_that_names_it_and_why(string flag, string says)
    {
        var ran = false;
        var root = OperatorCommand.Create((_, _) => { ran = true; return Task.FromResult(0); });
        using var error = new StringWriter();

        var code = await OperatorCommand.InvokeAsync(root, [flag], error);

        Assert.That((code, ran), Is.EqualTo((2, false)));
        Assert.That(error.ToString(), Does.Contain(says).And.Matches(@"^llmkube-operator: [^\n]+\r?\n\z"));
    }

    [TestCase("--metrics-secure=false --enable-http2", "--enable-http2 has no effect without --metrics-secure")]
    [TestCase("--metrics-secure=false --metrics-cert-path=/", "--metrics-cert-path has no effect without --metrics-secure")]
    [TestCase("--metrics-cert-path=/ --metrics-cert-key=../key", "--metrics-cert-key: '../key' must be the name of a file")]
    public async Task Flags_are_looked_at_together(string flags, string says)
    {
        using var error = new StringWriter();

        var code = await OperatorCommand.InvokeAsync(OperatorCommand.Create((_, _) => Task.FromResult(0)), flags.Split(' '), error);

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error.ToString(), Does.Contain(says));
    }

    [Test]
    public async Task Flags_are_read()
    {
        OperatorOptions? read = null;
        var root = OperatorCommand.Create((options, _) => { read = options; return Task.FromResult(0); });

        var code = await OperatorCommand.InvokeAsync(
            root,
            ["--namespace", "team", "--leader-elect", "--metrics-bind-address=0", "--health-probe-bind-address=127.0.0.1:9", "--workers=9", "--log-format=json", "--log-level=debug",
            "--metrics-secure=true", "--metrics-cert-path", Path.GetTempPath(), "--metrics-cert-name=a.pem", "--enable-http2"],
            TextWriter.Null);

        Assert.That(code, Is.Zero);
        Assert.That((read!.Namespace, read.LeaderElect, read.Workers, read.LogFormat), Is.EqualTo(("team", true, 9, LogFormat.Json)));
        Assert.That((read.MetricsBindAddress.IsOn, read.HealthProbeBindAddress.ToString()), Is.EqualTo((false, "127.0.0.1:9")));
        Assert.That((read.MetricsSecure, read.EnableHttp2), Is.EqualTo((true, true)));
        Assert.That(read.MetricsCertificate, Is.EqualTo(new CertificateFiles(Path.GetTempPath(), "a.pem", "tls.key")));
    }

    [Test]
    public async Task Flags_about_sources_are_read()
    {
        OperatorOptions? read = null;
        var root = OperatorCommand.Create((options, _) => { read = options; return Task.FromResult(0); });

        await OperatorCommand.InvokeAsync(
            root,
            ["--max-concurrent-fetches=0", "--max-concurrent-upgrades=3", "--allowed-source-addresses", "Models.Example, 10.0.0.0/8,127.0.0.1,", "--huggingface-endpoint=https://mirror.example/hub/", "--ca-cert-configmap=company-ca"],
            TextWriter.Null);

        Assert.That(read!.AllowedSourceAddresses, Is.EqualTo(["models.example", "10.0.0.0/8", "127.0.0.1"]));
        Assert.That((read.MaxConcurrentFetches, read.MaxConcurrentUpgrades, read.HuggingFaceEndpoint, read.CaCertConfigMap), Is.EqualTo((0, 3, new Uri("https://mirror.example/hub/"), "company-ca")));
    }

    [Test]
    public async Task Flags_about_images_are_read()
    {
        OperatorOptions? read = null;
        var root = OperatorCommand.Create((options, _) => { read = options; return Task.FromResult(0); });

        await OperatorCommand.InvokeAsync(
            root, ["--image-mirror=registry.example:5000/mirror", "--server-image=cuda=registry.example/llama@sha256:1234", "--server-image", "cpu=registry.example/llama:1"], TextWriter.Null);

        Assert.That(read!.ServerImages.Of(ServerBuilds.Cuda), Is.EqualTo("registry.example/llama@sha256:1234"));
        Assert.That(read.ServerImages.Of(ServerBuilds.Cpu), Is.EqualTo("registry.example/llama:1"));
        Assert.That(read.ServerImages.Of(ServerBuilds.Vulkan), Is.EqualTo("registry.example:5000/mirror/llama.cpp:server-vulkan"));
    }

    [Test]
    public async Task Two_images_for_one_build_are_one_too_many()
    {
        using var error = new StringWriter();

        var code = await OperatorCommand.InvokeAsync(OperatorCommand.Create((_, _) => Task.FromResult(0)), ["--server-image=cpu=a", "--server-image=cpu=b"], error);

        Assert.That((code, error.ToString()), Is.EqualTo((2, $"llmkube-operator: --server-image: the build cpu has an image already (see --help){Environment.NewLine}")));
    }

    [Test]
    public async Task Without_flags_the_defaults_hold()
    {
        OperatorOptions? read = null;
        var root = OperatorCommand.Create((options, _) => { read = options; return Task.FromResult(0); });

        await OperatorCommand.InvokeAsync(root, [], TextWriter.Null);

        Assert.That(read, Is.EqualTo(new OperatorOptions()));
    }

    [Test]
    public async Task The_program_itself_refuses_with_exit_code_2()
    {
        var (code, error) = await RunAsync("--log-level=loud");

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Is.EqualTo($"llmkube-operator: --log-level: 'loud' must be trace, debug, information, warning or error (see --help){Environment.NewLine}"));
    }

    [TestCase("clusters: [", TestName = "A kubeconfig that is no YAML is one line")]
    [TestCase("kind: Config\ncurrent-context: nowhere", TestName = "A kubeconfig without its context is one line")]
    public async Task A_broken_kubeconfig(string text)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, text);

        var (code, error) = await RunAsync($"--kubeconfig={file}");

        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Match($@"^llmkube-operator: --kubeconfig {file} can't be used: [^\n]+\r?\n\z"));
        File.Delete(file);
    }

    [Test]
    public async Task A_certificate_that_can_not_be_used_is_one_line()
    {
        var folder = Directory.CreateTempSubdirectory("certificate-");

        var (code, error) = await RunAsync("--metrics-cert-path", folder.FullName);

        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Match($@"^llmkube-operator: --metrics-cert-path: {folder.FullName}/tls.crt and tls.key can't be used: [^\n]+\r?\n\z"));
        folder.Delete();
    }

    private static async Task<(int Code, string Error)> RunAsync(params string[] arguments)
    {
        using var program = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(TestContext.CurrentContext.TestDirectory, "LlmKube.Operator.dll"), .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var error = await program.StandardError.ReadToEndAsync();
        await program.WaitForExitAsync();
        return (program.ExitCode, error);
    }

    [TestCase("localhost", "localhost")]
    [TestCase("Models.Example", "models.example")]
    [TestCase("10.1.2.3", "10.1.2.3")]
    [TestCase("fd00:0::0001", "fd00::1")]
    [TestCase("192.168.0.0/16", "192.168.0.0/16")]
    [TestCase("FD00::/8", "fd00::/8")]
    [TestCase("0.0.0.0/0", "0.0.0.0/0")]
    [TestCase("10.0.0.1/8", null)]
    [TestCase("10.0.0.0/33", null)]
    [TestCase("10.0.0/8", null)]
    [TestCase("127.1", null)]
    [TestCase("0x7f.0.0.1", null)]
    [TestCase("2130706433", null)]
    [TestCase("010.0.0.1", null)]
    [TestCase("[::1]:80", null)]
    [TestCase("fe80::1%eth0", null)]
    [TestCase("fe80::%eth0/64", null)]
    [TestCase("host:80", null)]
    [TestCase("*.example", null)]
    [TestCase("-host", null)]
    [TestCase("host/", null)]
    [TestCase("", null)]
    public void Addresses_of_sources_have_one_spelling(string text, string? read) => Assert.That(FlagValues.SourceAddress(text), Is.EqualTo(read));

    [TestCase(":8080", "")]
    [TestCase("127.0.0.1:80", "")]
    [TestCase("[::1]:80", "")]
    [TestCase("0", "")]
    [TestCase("::1:80", "no")]
    [TestCase("host:80", "no")]
    [TestCase(":", "no")]
    [TestCase("80", "no")]
    [TestCase("", "no")]
    [TestCase(":-1", "no")]
    public void Addresses_are_read_in_the_notation_they_are_written_in(string text, string refused)
    {
        var address = BindAddress.TryParse(text);

        Assert.That(address?.ToString(), Is.EqualTo(refused == "" ? text : null));
    }
}
