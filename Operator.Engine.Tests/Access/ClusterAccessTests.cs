using k8s;
using k8s.Exceptions;
using LlmKube.Operator.Engine.Access;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmKube.Operator.Engine.Tests.Access;

/// <summary>What is made of a kubeconfig.</summary>
public class ClusterAccessTests
{
    private static readonly TestAuthority s_authority = TestAuthority.Root("one");
    private DirectoryInfo _folder = null!;

    private string Kubeconfig => Path.Combine(_folder.FullName, "kubeconfig");

    [SetUp]
    public void WriteFiles()
    {
        _folder = Directory.CreateTempSubdirectory("access-");
        _folder.CreateSubdirectory("secrets");
        File.WriteAllText(Path.Combine(_folder.FullName, "secrets", "token"), "of-the-file");
        File.WriteAllText(Path.Combine(_folder.FullName, "secrets", "ca.crt"), s_authority.Pem);
    }

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [Test]
    public async Task Files_that_it_names_are_followed_relative_to_it()
    {
        var configuration = Read("certificate-authority: secrets/ca.crt", "tokenFile: secrets/token");
        Assert.That(configuration.SslCaCerts, Is.TypeOf<AuthorityFile>());
        Assert.That(configuration.SslCaCerts.Single().RawData, Is.EqualTo(s_authority.Certificate.RawData));
        Assert.That((await configuration.TokenProvider.GetAuthenticationHeaderAsync(default)).Parameter, Is.EqualTo("of-the-file"));
        Assert.That((configuration.Host, configuration.Namespace), Is.EqualTo(("https://server.test:6443", "here")));
    }

    [Test]
    public async Task A_token_file_goes_before_a_token_as_in_kubectl()
    {
        var configuration = Read("certificate-authority: secrets/ca.crt", "token: inline, tokenFile: secrets/token");
        Assert.That((await configuration.TokenProvider.GetAuthenticationHeaderAsync(default)).Parameter, Is.EqualTo("of-the-file"));
        Assert.That(configuration.AccessToken, Is.Null);
    }

    [Test]
    public void What_is_in_the_kubeconfig_itself_is_taken_as_it_is()
    {
        var data = Convert.ToBase64String(s_authority.Certificate.RawData);
        var configuration = Read($"certificate-authority: secrets/ca.crt, certificate-authority-data: {data}", "token: inline");
        Assert.That(configuration.SslCaCerts, Is.Not.TypeOf<AuthorityFile>());
        Assert.That((configuration.AccessToken, configuration.TokenProvider), Is.EqualTo(("inline", (object?)null)));
    }

    [Test]
    public void A_server_that_is_not_verified_needs_no_authority() =>
        Assert.That(Read("insecure-skip-tls-verify: true", "token: inline"), Has.Property(nameof(KubernetesClientConfiguration.SkipTlsVerify)).True.And.Property(nameof(KubernetesClientConfiguration.SslCaCerts)).Null);

    [TestCase(null, "not found at")]
    [TestCase("users: [", "line 2")]
    [TestCase("users: {a: b}", "line 1")]
    public void What_is_no_kubeconfig_is_refused_by_its_path(string? text, string words)
    {
        if (text is not null) File.WriteAllText(Kubeconfig, text);
        Assert.That(
            () => new ClusterAccess(TimeProvider.System, NullLogger<ClusterAccess>.Instance).Read(Kubeconfig),
            Throws.TypeOf<KubeConfigException>().With.Message.Contains(Kubeconfig).And.Message.Contains(words));
    }

    [Test]
    public void A_user_without_credentials_is_refused() => Assert.That(() => Read("certificate-authority: secrets/ca.crt", ""), Throws.TypeOf<KubeConfigException>());

    private KubernetesClientConfiguration Read(string cluster, string user)
    {
        File.WriteAllText(Kubeconfig, $$$"""
            apiVersion: v1
            kind: Config
            current-context: a
            contexts: [{name: a, context: {cluster: b, user: c, namespace: here}}]
            clusters: [{name: b, cluster: {server: "https://server.test:6443", {{{cluster}}}}}, {name: z, cluster: {server: "https://elsewhere.test"}}]
            users: [{name: z, user: {tokenFile: absent}}, {name: c, user: { {{{user}}} }}]
            """);
        return new ClusterAccess(TimeProvider.System, NullLogger<ClusterAccess>.Instance).Read(Kubeconfig);
    }
}
