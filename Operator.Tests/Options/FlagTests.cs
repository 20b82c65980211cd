using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.Tests.Options;

[Parallelizable(ParallelScope.All)]
public sealed class FlagTests
{
    [TestCase("--metrics-bind-address=nowhere", "--metrics-bind-address: 'nowhere' must be [address]:port, or 0 for off")]
    [TestCase("--health-probe-bind-address=:99999", "--health-probe-bind-address: ':99999' must be [address]:port, or 0 for off")]
    [TestCase("--model-cache-path=models", "--model-cache-path: 'models' must be an absolute path without '..' and ':'; not '/', and not '/tmp', where servers write")]
    [TestCase("--model-cache-path=/tmp/", "--model-cache-path: '/tmp/' must be an absolute path without '..' and ':'; not '/', and not '/tmp', where servers write")]
    [TestCase("--model-cache-path=//tmp/./", "--model-cache-path: '//tmp/./' must be an absolute path")]
    [TestCase("--model-cache-path=/a:b", "--model-cache-path: '/a:b' must be an absolute path")]
    [TestCase("--model-cache-size=big", "--model-cache-size: 'big' must be a quantity above zero, for instance 100Gi")]
    [TestCase("--model-cache-storage-class=My_Class", "--model-cache-storage-class: 'My_Class' must be the name of a StorageClass")]
    [TestCase("--model-cache-access-mode=Sometimes", "--model-cache-access-mode: 'Sometimes' must be ReadWriteOnce, ReadWriteMany or ReadWriteOncePod")]
    [TestCase("--namespace=Not_One", "--namespace: 'Not_One' must be a namespace's name")]
    [TestCase("--operator-image=an image", "--operator-image: 'an image' must name an image")]
    [TestCase("--log-level=loud", "--log-level: 'loud' must be trace, debug, information, warning or error")]
    [TestCase("--log-format=xml", "--log-format: 'xml' must be text or json")]
    [TestCase("--workers=0", "--workers: '0' must be a number from 1 to 256")]
    [TestCase("--kubeconfig=/no/such/file", "--kubeconfig: '/no/such/file' is not a file")]
    [TestCase("--config=/no/such/file", "--config: '/no/such/file' is not a file")]
    [TestCase("--image-pull-secrets=registry,My_Secret", "--image-pull-secrets: 'My_Secret' must be the name of a Secret")]
    [TestCase("--leader-elect=perhaps", "--leader-elect: 'perhaps' must be true or false")]
    [TestCase("--metrics-secure=maybe", "--metrics-secure: 'maybe' must be true or false")]
    [TestCase("--enable-http2=yes", "--enable-http2: 'yes' must be true or false")]
    [TestCase("--metrics-cert-path=/no/such/folder", "--metrics-cert-path: '/no/such/folder' is not a folder")]
    [TestCase("--metrics-cert-name=a.pem", "--metrics-cert-name has no effect without --metrics-cert-path")]
    [TestCase("--metrics-secure=false --enable-http2", "--enable-http2 has no effect without --metrics-secure")]
    [TestCase("--metrics-bind-address=:8081", "--metrics-bind-address=:8081 and --health-probe-bind-address=:8081 are one place: name another port for one of them")]
    [TestCase("--metrics-cert-path=/ --metrics-cert-key=../key", "--metrics-cert-key: '../key' must be the name of a file")]
    [TestCase("--allowed-host-paths=/models,/", "--allowed-host-paths: '/' must be an absolute path without '..'; not '/'")]
    [TestCase("--max-concurrent-fetches=-1", "--max-concurrent-fetches: '-1' must be a number from 0 to 10000")]
    [TestCase("--max-concurrent-upgrades=all", "--max-concurrent-upgrades: 'all' must be a number from 0 to 10000")]
    [TestCase("--allowed-source-addresses=10.0.0.0/8,no_host", "--allowed-source-addresses: 'no_host' must be a host name, an IP address, or a CIDR block")]
    [TestCase("--huggingface-endpoint=hub.example", "--huggingface-endpoint: 'hub.example' must be an http or https URL without user, query and fragment")]
    [TestCase("--ca-cert-configmap=My_Bundle", "--ca-cert-configmap: 'My_Bundle' must be the name of a ConfigMap")]
    [TestCase("--image-mirror=https://registry.example/", "--image-mirror: 'https://registry.example/' must be a registry with a path")]
    [TestCase("--server-image=cuda", "--server-image: 'cuda' must be BUILD=IMAGE with one of the builds cpu, cuda, rocm, intel, vulkan")]
    [TestCase("--server-image=metal=x", "--server-image: 'metal=x' must be BUILD=IMAGE")]
    [TestCase("--server-image=cpu=a --server-image=cpu=b", "--server-image: 'cpu=b' must be BUILD=IMAGE with one of the builds cpu, cuda, rocm, intel, vulkan, each at most once")]
    [TestCase("--no-such-flag", "--no-such-flag is no flag")]
    [TestCase("--worker 3", "--worker is no flag; did you mean --workers?")]
    [TestCase("downlod", "downlod is no verb")]
    [TestCase("--workers", "--workers")]
    public async Task A_mistake_is_one_line_that_names_the_flag_and_why(string flags, string says)
    {
        var said = await Said.Async(flags.StartsWith("--operator-image", StringComparison.Ordinal) ? [flags] : flags.Split(' '));

        Assert.That((said.Code, said.Options), Is.EqualTo((2, (OperatorOptions?)null)));
        Assert.That(said.Error, Does.Contain(says).And.Matches(@"^llmkube-operator: [^\n]+ \(see --help\)\r?\n\z"));
    }

    [Test]
    public async Task What_may_be_a_password_is_not_repeated()
    {
        var said = await Said.Async(["--huggingface-endpoint=https://me:secret@hub.example"]);

        Assert.That(said.Error, Does.Contain("'https://...@hub.example' must be an http or https URL without user").And.Not.Contain("secret"));
    }

    [Test]
    public async Task Flags_are_read()
    {
        var (_, read, _) = await Said.Async(
            ["--namespace", "team", "--leader-elect", "--metrics-bind-address=0", "--health-probe-bind-address=127.0.0.1:9", "--workers=9", "--log-format=json", "--log-level=debug",
            "--metrics-secure=true", "--metrics-cert-path", Path.GetTempPath(), "--metrics-cert-name=a.pem", "--enable-http2"]);

        Assert.That((read!.Namespace, read.LeaderElect, read.Workers, read.LogFormat), Is.EqualTo(("team", true, 9, LogFormat.Json)));
        Assert.That((read.MetricsBindAddress.IsOn, read.HealthProbeBindAddress.ToString()), Is.EqualTo((false, "127.0.0.1:9")));
        Assert.That((read.MetricsSecure, read.EnableHttp2), Is.EqualTo((true, true)));
        Assert.That(read.MetricsCertificate, Is.EqualTo(new CertificateFiles(Path.GetTempPath(), "a.pem", "tls.key")));
    }

    [Test]
    public async Task Flags_about_sources_are_read()
    {
        var (_, read, _) = await Said.Async(
            ["--max-concurrent-fetches=0", "--max-concurrent-upgrades=3", "--allowed-source-addresses", "Models.Example, 10.0.0.0/8,127.0.0.1,", "--huggingface-endpoint=https://mirror.example/hub/", "--ca-cert-configmap=company-ca",
            "--allowed-host-paths=/a//b/", "--allowed-host-paths=/c"]);

        Assert.That(read!.AllowedSourceAddresses, Is.EqualTo(["models.example", "10.0.0.0/8", "127.0.0.1"]));
        Assert.That(read.AllowedHostPaths, Is.EqualTo(["/a/b", "/c"]));
        Assert.That((read.MaxConcurrentFetches, read.MaxConcurrentUpgrades, read.HuggingFaceEndpoint, read.CaCertConfigMap), Is.EqualTo((0, 3, new Uri("https://mirror.example/hub/"), "company-ca")));
    }

    // As the Go operator's manifests write them, whatever else is said.
    [TestCase("--metrics-secure=false --enable-http2=false", "")]
    [TestCase("--metrics-secure=false --enable-http2=F --metrics-cert-name=tls.crt --metrics-cert-key=tls.key", "")]
    [TestCase("--metrics-cert-name=tls.crt", "")]
    [TestCase("--metrics-secure=false --metrics-cert-path=/ --metrics-cert-key=a.key", "--metrics-cert-path has no effect without --metrics-secure|--metrics-cert-key has no effect without --metrics-secure")]
    public async Task What_changes_nothing_stops_no_start(string flags, string told)
    {
        var said = await Said.Async(flags.Split(' '));

        Assert.That((said.Code, said.Error), Is.EqualTo((0, "")));
        Assert.That(string.Join('|', said.Options!.Unused), Is.EqualTo(told));
    }

    [TestCase(":1", ":1", true)]
    [TestCase(":1", ":2", false)]
    [TestCase("127.0.0.1:1", ":1", true)]
    [TestCase("127.0.0.1:1", "127.0.0.1:1", true)]
    [TestCase("127.0.0.1:1", "[::1]:1", false)]
    [TestCase("0.0.0.0:1", "127.0.0.1:1", true)]
    [TestCase("0.0.0.0:1", "[::1]:1", false)]
    [TestCase("[::]:1", "127.0.0.1:1", true)]
    [TestCase(":0", ":0", false)]
    [TestCase("0", "0", false)]
    public void Two_can_not_listen_at_one_place(string first, string second, bool overlaps)
    {
        var (one, other) = (BindAddress.TryParse(first)!, BindAddress.TryParse(second)!);

        Assert.That((one.Overlaps(other), other.Overlaps(one)), Is.EqualTo((overlaps, overlaps)));
    }

    [Test]
    public async Task Flags_about_images_are_read()
    {
        var (_, read, _) = await Said.Async(["--image-pull-secrets=registry,mirror", "--image-pull-secrets=other", "--image-mirror=registry.example:5000/mirror", "--server-image=cuda=registry.example/llama@sha256:1234", "--server-image", "cpu=registry.example/llama:1"]);

        Assert.That(read!.ImagePullSecrets, Is.EqualTo(["registry", "mirror", "other"]));
        Assert.That(read.ServerImages.Of(ServerBuilds.Cuda), Is.EqualTo("registry.example/llama@sha256:1234"));
        Assert.That(read.ServerImages.Of(ServerBuilds.Cpu), Is.EqualTo("registry.example/llama:1"));
        Assert.That(read.ServerImages.Of(ServerBuilds.Vulkan), Is.EqualTo("registry.example:5000/mirror/llama.cpp:server-vulkan"));
    }

    [TestCase()]
    [TestCase("--workers=", "--namespace=", "--leader-elect=", "--allowed-host-paths=", "--server-image=", "--metrics-cert-path=", "--metrics-cert-name=")]
    public async Task Where_nothing_is_said_the_defaults_hold(params string[] flags)
    {
        var said = await Said.Async(flags);

        Assert.That((said.Options, said.Error), Is.EqualTo((new OperatorOptions(), "")));
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
