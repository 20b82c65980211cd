using LlmKube.Operator.Options;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Tests.Options;

[Parallelizable(ParallelScope.All)]
public sealed class OptionSourceTests
{
    private const string File = """
        // Other sections are not ours.
        {
          "Logging": { "LogLevel": { "Default": "Debug" } },
          "LlmKube": { "workers": 7, "leader-elect": true, "namespace": "of-file", "allowed-source-addresses": ["a.example", "10.0.0.0/8"], "allowed-host-paths": "/a,/b", "kubeconfig": null }
        }
        """;

    [Test]
    public async Task A_flag_goes_before_a_variable_that_before_a_file_and_that_before_the_default()
    {
        var (_, read, error) = await Said.Async(["--workers=9"], [("LLMKUBE_WORKERS", "8"), ("LLMKUBE_NAMESPACE", "of-variable"), ("LLMKUBE_SERVER_IMAGE", "cpu=a,cuda=b")], File);

        Assert.That(error, Is.Empty);
        Assert.That((read!.Workers, read.Namespace, read.LeaderElect, read.MaxConcurrentFetches), Is.EqualTo((9, "of-variable", true, new OperatorOptions().MaxConcurrentFetches)));
        Assert.That((read.ServerImages.Of("cpu"), read.ServerImages.Of("cuda")), Is.EqualTo(("a", "b")));
        Assert.That((read.AllowedSourceAddresses, read.AllowedHostPaths), Is.EqualTo((new[] { "a.example", "10.0.0.0/8" }, new[] { "/a", "/b" })));
    }

    [Test]
    public async Task All_mistakes_are_told_at_once_each_with_where_it_came_from()
    {
        var said = await Said.Async(
            ["--workers=0", "--log-levle=debug"],
            [("LLMKUBE_MODEL_CACHE_SIZE", "big"), ("LLMKUBE_WORKRES", "3"), ("LLMKUBE_METRICS_CERT_NAME", "a.pem"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://me:secret@collector")],
            """{ "LlmKube": { "log-format": "xml", "worker": 3, "namespace": ["a", "b"], "config": "other.json" } }""");

        Assert.That(said.Code, Is.EqualTo(2));
        Assert.That(said.Error.ReplaceLineEndings("\n"), Is.EqualTo("""
            llmkube-operator: --log-levle is no flag; did you mean --log-level?
            llmkube-operator: LLMKUBE_WORKRES is no option of the operator; did you mean LLMKUBE_WORKERS?
            llmkube-operator: FOLDER/appsettings.json: LlmKube:config has no effect: a file names no other; use --config or LLMKUBE_CONFIG
            llmkube-operator: FOLDER/appsettings.json: LlmKube:namespace must be one value
            llmkube-operator: FOLDER/appsettings.json: LlmKube:worker is no option of the operator; did you mean workers?
            llmkube-operator: --workers: '0' must be a number from 1 to 256
            llmkube-operator: LLMKUBE_MODEL_CACHE_SIZE: 'big' must be a quantity above zero, for instance 100Gi
            llmkube-operator: FOLDER/appsettings.json: LlmKube:log-format: 'xml' must be text or json
            llmkube-operator: LLMKUBE_METRICS_CERT_NAME has no effect without --metrics-cert-path
            llmkube-operator: OTEL_EXPORTER_OTLP_ENDPOINT must not hold credentials; put them into OTEL_EXPORTER_OTLP_HEADERS (see --help)

            """));
    }

    [TestCase("LLMKUBE_SERVICE_HOST", "10.0.0.1")]
    [TestCase("LLMKUBE_PORT", "tcp://10.0.0.1:8443")]
    [TestCase("LLMKUBE_OPERATOR_METRICS_SERVICE_PORT_HTTPS", "8443")]
    [TestCase("LLMKUBE_OPERATOR_PORT_8443_TCP_ADDR", "10.0.0.1")]
    [TestCase("LLMKUBE_TEST_KUBECONFIG", "/some/file")]
    [TestCase("LLMKUBE_LOCAL_CONTAINER", "mark")]
    [TestCase("LLMKUBES", "x")]
    public async Task Variables_that_others_set_break_no_start(string name, string value)
    {
        var said = await Said.Async([], [(name, value)]);

        Assert.That((said.Code, said.Error), Is.EqualTo((0, "")));
    }

    [Test]
    public void No_option_has_a_name_that_others_use() => Assert.That(OptionTable.All.Select(o => o.Variable).Where(OptionSource.IsOthers), Is.Empty);

    [TestCase("{", "FOLDER/appsettings.json can't be read: ")]
    [TestCase("""{ "LlmKube": { "workers": { "of": 3 } } }""", "FOLDER/appsettings.json: LlmKube:workers must be one value")]
    [TestCase("""{ "LlmKube": { "workers": 3, "Workers": 4 } }""", "FOLDER/appsettings.json can't be read: A duplicate key 'LlmKube:Workers' was found.")]
    public async Task A_broken_file_is_told(string text, string says)
    {
        var said = await Said.Async([], [], text);

        Assert.That((said.Code, said.Error), Is.EqualTo((2, said.Error)));
        Assert.That(said.Error, Does.StartWith($"llmkube-operator: {says}"));
    }

    [TestCase("""{ "LlmKube": { "workers": 5 } }""", 5, "")]
    [TestCase("""{ "workers": 5 }""", null, "llmkube-operator: FILE has no section LlmKube (see --help)")]
    public async Task A_file_that_is_named_takes_the_place_of_the_one_in_the_working_folder(string text, int? workers, string says)
    {
        var path = Path.GetTempFileName();
        await System.IO.File.WriteAllTextAsync(path, text);

        var said = await Said.Async([], [("LLMKUBE_CONFIG", path)], File);

        Assert.That((said.Options?.Workers, said.Error.Replace(path, "FILE", StringComparison.Ordinal).TrimEnd()), Is.EqualTo((workers, says)));
        System.IO.File.Delete(path);
    }

    [Test]
    public void Each_option_has_one_name() => Assert.That(OptionTable.All.Select(o => o.Name).Concat(GoFlag.All.Select(f => f.Name)), Is.Unique);

    // One of the Go operator's Deployment, as its chart and its kustomization write it.
    [Test]
    public async Task The_arguments_of_the_Go_operators_Deployment_start_this_one()
    {
        var (code, read, error) = await Said.Async(
            ["--leader-elect", "--health-probe-bind-address=:8081", "--metrics-bind-address=:8443", "--metrics-secure=true", $"--metrics-cert-path={Path.GetTempPath()}", "--metrics-cert-name=tls.crt",
            "--metrics-cert-key=tls.key", "--webhook-cert-path=/tmp/k8s-webhook-server/serving-certs", "--webhook-cert-name=tls.crt", "--webhook-cert-key=tls.key", "--webhook-port=9443", "--enable-http2=false",
            "--model-cache-path=/models", "--model-cache-size=100Gi", "--model-cache-storage-class=", "--model-cache-access-mode=ReadWriteOnce", "--model-cache-mode=shared", "--ca-cert-configmap=",
            "--init-container-image=docker.io/curlimages/curl:8.18.0", "--default-fsgroup=102", "--model-revalidate-interval=1h", "--allowed-host-path-roots=/models", "--router-proxy-image=",
            "--default-litellm-url=", "--zap-devel=false", "--zap-encoder=json", "--zap-log-level=debug", "--zap-stacktrace-level=error", "--zap-time-encoding=rfc3339", "-kubeconfig="]);

        Assert.That((code, error), Is.EqualTo((0, "")));
        Assert.That((read!.LeaderElect, read.LogFormat, read.LogLevel), Is.EqualTo((true, LogFormat.Json, LogLevel.Debug)));
        Assert.That(read.AllowedHostPaths, Is.EqualTo(["/models"]));
        Assert.That(read.Unused, Has.Member("--init-container-image: no effect: models are fetched by the operator's own image, which --operator-image names"));
    }

    [TestCase("--zap-devel", LogLevel.Debug, "Text")]
    [TestCase("--zap-devel=false", LogLevel.Information, "Json")]
    [TestCase("-zap-log-level=1", LogLevel.Debug, "Text")]
    [TestCase("--zap-log-level 5", LogLevel.Trace, "Text")]
    [TestCase("--zap-log-level=panic --zap-devel", LogLevel.Error, "Text")]
    [TestCase("--zap-log-level=debug --log-level=warning", LogLevel.Warning, "Text")]
    [TestCase("-leader-elect=T --zap-encoder=console", LogLevel.Information, "Text")]
    public async Task Flags_of_the_Go_operator_say_what_they_said(string flags, LogLevel level, string format)
    {
        var (_, read, error) = await Said.Async(flags.Split(' '));

        Assert.That((read?.LogLevel, read?.LogFormat.ToString(), error), Is.EqualTo((level, format, "")));
    }

    [TestCase("--model-cache-mode=perService", "--model-cache-mode: 'perService' must be shared; a claim of its own has the service that names it in spec.modelCache.claimName")]
    [TestCase("--zap-log-level=loud", "--zap-log-level: 'loud' must be debug, info, error, panic or a number above 0; better say --log-level")]
    [TestCase("--zap-encoder=xml", "--zap-encoder: 'xml' must be text or json")]
    [TestCase("--allowed-host-path-roots=models", "--allowed-host-path-roots: 'models' must be an absolute path without '..'; not '/'")]
    public async Task What_they_said_and_nothing_here_does_is_refused_with_what_to_do(string flag, string says) =>
        Assert.That((await Said.Async([flag])).Error, Does.Contain(says));
}
