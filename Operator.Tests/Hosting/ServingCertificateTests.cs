using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LlmKube.Operator.Hosting;
using LlmKube.Operator.Options;
using LlmKube.Operator.Tests.Stories;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Tests.Hosting;

public sealed class ServingCertificateTests
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private DirectoryInfo _folder = null!;

    private CertificateFiles Files => new(_folder.FullName);

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("certificate-");

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [Test]
    public async Task A_connection_after_a_change_of_the_files_gets_the_new_certificate()
    {
        Write(Files, Certificate("first"));
        await using var cluster = await StoryCluster.StartAsync();
        var running = await cluster.StartOperatorAsync(new() { MetricsCertificate = Files }, secure: true);
        Assert.That(await PresentedAsync(running.MetricsAddress), Is.EqualTo("CN=first"));

        Write(Files, Certificate("second"));

        Assert.That(await PresentedAsync(running.MetricsAddress), Is.EqualTo("CN=second"));
    }

    [Test]
    public void Half_of_a_change_leaves_the_last_good_one_in_place()
    {
        Write(Files, Certificate("first"));
        var serving = Serving(Files);
        var (certificate, key) = Certificate("second");

        File.WriteAllText(Files.Certificate, certificate);
        Assert.That(Subject(serving), Is.EqualTo("CN=first"), "its key is not there yet");
        File.Delete(Files.Key);
        Assert.That(Subject(serving), Is.EqualTo("CN=first"), "no key at all");
        File.WriteAllText(Files.Key, key);
        Assert.That(Subject(serving), Is.EqualTo("CN=second"));
    }

    [Test]
    public void A_mounted_Secret_is_swapped_by_a_link()
    {
        foreach (var version in new[] { "first", "second" })
        {
            var data = _folder.CreateSubdirectory(version);
            Write(new(data.FullName), Certificate(version));
        }

        var link = Path.Combine(_folder.FullName, "mounted");
        Directory.CreateSymbolicLink(link, Path.Combine(_folder.FullName, "first"));
        var serving = Serving(new(link));

        Directory.Delete(link);
        Directory.CreateSymbolicLink(link, Path.Combine(_folder.FullName, "second"));

        Assert.That(Subject(serving), Is.EqualTo("CN=second"));
    }

    [Test]
    public void Without_files_one_is_made_and_made_anew_before_it_expires()
    {
        var serving = Serving(null);
        var first = serving.Current().TargetCertificate;
        Assert.That(first.Subject, Is.EqualTo("CN=llmkube-operator"));
        Assert.That(serving.Current().TargetCertificate.Thumbprint, Is.EqualTo(first.Thumbprint));

        _time.Advance(TimeSpan.FromDays(300));

        var second = serving.Current().TargetCertificate;
        Assert.That(second.Thumbprint, Is.Not.EqualTo(first.Thumbprint));
        Assert.That(second.NotAfter.ToUniversalTime(), Is.GreaterThan(_time.GetUtcNow().UtcDateTime.AddDays(300)));
    }

    [TestCase("", "", "Could not find file", TestName = "No files")]
    [TestCase("x", "y", "do not contain a PEM", TestName = "No PEM")]
    public void Files_that_can_not_be_used_at_the_start_are_refused_by_the_name_of_the_flag(string certificate, string key, string why)
    {
        if (certificate.Length > 0) Write(Files, (certificate, key));

        Assert.That(() => Serving(Files), Throws.TypeOf<ServingCertificateException>().With.Message.StartsWith($"--metrics-cert-path: {Files.Certificate} and tls.key can't be used: ").And.Message.Contains(why));
    }

    private static string Subject(ServingCertificate serving) => serving.Current().TargetCertificate.Subject;

    private static async Task<string> PresentedAsync(Uri address)
    {
        var presented = "";
        using var http = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => (presented = certificate!.Subject).Length > 0 },
        });
        using var answer = await http.GetAsync(address);
        return presented;
    }

    private static void Write(CertificateFiles files, (string Certificate, string Key) pem)
    {
        File.WriteAllText(files.Certificate, pem.Certificate);
        File.WriteAllText(files.Key, pem.Key);
    }

    private ServingCertificate Serving(CertificateFiles? files) => new(new OperatorOptions { MetricsCertificate = files }, _time, NullLogger<ServingCertificate>.Instance);

    private (string Certificate, string Key) Certificate(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var made = request.CreateSelfSigned(_time.GetUtcNow().AddDays(-1), _time.GetUtcNow().AddDays(90));
        return (made.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
