using System.Security.Cryptography;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Tests.Fetching;

/// <summary>Whom a fetch trusts, whom it shows its credentials, and where it does not go.</summary>
[TestFixture]
internal sealed class FetchSecurityTests : FetchFixture
{
    private const string Token = "hf_s3cr3tT0ken";

    private string Secret => Path.Combine(Folder, "secret");

    private string ConfigMap => Path.Combine(Folder, "config-map");

    [TestCase("HF_TOKEN=hf_s3cr3tT0ken", "Bearer hf_s3cr3tT0ken")]
    [TestCase("token=hf_s3cr3tT0ken\n", "Bearer hf_s3cr3tT0ken")]
    [TestCase("HF_TOKEN=one;token=two", "Bearer one")]
    [TestCase("username=bob;password=hunter22", "Basic Ym9iOmh1bnRlcjIy")]
    [TestCase("username=bob;password=hunter22;token=one", "Bearer one")]
    public async Task A_Secret_s_keys_make_the_credentials(string keys, string sent)
    {
        Mount(Secret, keys);

        AssertInPlace(Bytes.Sound, await FetchAsync(Options() with { CredentialsFolder = Secret }));

        Assert.That(Server.Requests.Single().Authorization, Is.EqualTo(sent));
        Assert.That(await File.ReadAllTextAsync(Paths.Marker), Does.Not.Contain("s3cr3t").And.Not.Contain("hunter22"));
    }

    [TestCase(null, "is not there, or has none of HF_TOKEN, token, and username with password")]
    [TestCase("HF_TOKEN=;username=bob", "has none of HF_TOKEN")]
    [TestCase("HF_TOKEN=s3cr3t\r\nX-Evil: 1", "HF_TOKEN in the Secret of spec.sourceSecretRef is no token")]
    [TestCase("token=Bearer s3cr3t", "token in the Secret of spec.sourceSecretRef is no token")]
    public async Task A_Secret_that_is_of_no_use_is_a_reason_and_nobody_is_asked(string? keys, string words)
    {
        if (keys is not null) Mount(Secret, keys);

        var report = await FetchAsync(Options() with { CredentialsFolder = Secret });

        Assert.That((report.Reason, report.Terminal), Is.EqualTo((Reasons.SourceUnauthorized, false)));
        Assert.That(report.Message, Does.Contain(words).And.Not.Contain("s3cr3t"));
        Assert.That(Server.Requests, Is.Empty);
    }

    [TestCase("HF_TOKEN")]
    [TestCase("token")]
    [TestCase("username")]
    public async Task A_key_that_cannot_be_read_is_named(string key)
    {
        Directory.CreateDirectory(Path.Combine(Secret, key)); // Whoever runs the tests may read any file.

        var report = await FetchAsync(Options() with { CredentialsFolder = Secret });

        Assert.That((report.Reason, report.Terminal), Is.EqualTo((Reasons.SourceUnauthorized, false)), report.Message);
        Assert.That(report.Message, Does.Contain($"the key {key} in the Secret of spec.sourceSecretRef can't be read"));
        Assert.That(Server.Requests, Is.Empty);
    }

    [Test]
    public async Task A_token_that_is_replaced_while_the_source_refuses_is_used_at_once()
    {
        Mount(Secret, "token=old");
        Server.Then((c, _) =>
        {
            Mount(Secret, "token=new");
            return MisbehavingServer.StatusAsync(c, 503);
        });

        AssertInPlace(Bytes.Sound, await FetchAsync(Options() with { CredentialsFolder = Secret }));

        Assert.That(Server.Requests.Select(r => r.Authorization), Is.EqualTo(["Bearer old", "Bearer new"]));
    }

    [Test]
    public async Task A_token_goes_to_the_source_s_own_host_alone_and_is_never_told()
    {
        Mount(Secret, $"HF_TOKEN={Token}");
        await using var other = await MisbehavingServer.StartAsync(Bytes.Sound);
        Server.ThenStatus(302, headers: ("Location", other.Url));
        other.Usually = (c, _) => MisbehavingServer.StatusAsync(c, 404, $"nothing for {Token} or {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Token))}");

        var report = await FetchAsync(Options() with { CredentialsFolder = Secret });

        Assert.That(Server.Requests.Single().Authorization, Is.EqualTo($"Bearer {Token}"));
        Assert.That(other.Requests.Single().Authorization, Is.Null);
        Assert.That(report.Message, Does.Contain("nothing for *** or ***"));
    }

    [Test]
    public void Credentials_print_nothing() => Assert.That($"{Credentials.Basic("bob:hunter22")}", Does.Not.Contain("hunter22").And.Not.Contain("Ym9i"));

    [Test]
    public async Task A_private_authority_is_trusted_beside_the_system_s_and_behind_redirects()
    {
        using var first = LoopbackAuthority.Create("first");
        using var second = LoopbackAuthority.Create("second");
        await using var source = await MisbehavingServer.StartAsync(Bytes.Sound, first.Server);
        await using var network = await MisbehavingServer.StartAsync(Bytes.Sound, second.Server);
        source.ThenStatus(302, headers: ("Location", network.Url));
        Mount(ConfigMap, $"a.crt={first.Root.ExportCertificatePem()}\n;b.crt=# the network's\n{second.Root.ExportCertificatePem()}\n");

        AssertInPlace(Bytes.Sound, await FetchAsync(Options(source.Url) with { AuthoritiesFolder = ConfigMap }));
        Assert.That(TrustedRoots.Of(ConfigMap)!.CustomTrustStore, Has.Count.GreaterThan(2), "the system's are trusted as well");
    }

    [Test]
    public async Task Several_authorities_in_one_file_are_all_trusted()
    {
        using var first = LoopbackAuthority.Create("first");
        using var second = LoopbackAuthority.Create("second");
        await using var source = await MisbehavingServer.StartAsync(Bytes.Sound, second.Server);
        Mount(ConfigMap, $"ca.crt={first.Root.ExportCertificatePem()}\n{second.Root.ExportCertificatePem()}");

        AssertInPlace(Bytes.Sound, await FetchAsync(Options(source.Url) with { AuthoritiesFolder = ConfigMap }));
    }

    [Test]
    public async Task Who_is_not_trusted_is_a_reason([Values] bool byAnother)
    {
        using var first = LoopbackAuthority.Create("first");
        using var second = LoopbackAuthority.Create("second");
        await using var source = await MisbehavingServer.StartAsync(Bytes.Sound, first.Server);
        if (byAnother) Mount(ConfigMap, $"ca.crt={second.Root.ExportCertificatePem()}");

        var report = await FetchAsync(Options(source.Url) with { AuthoritiesFolder = byAnother ? ConfigMap : null });

        Assert.That((report.Reason, report.Terminal), Is.EqualTo((Reasons.SourceUntrusted, false)), report.Message);
        AssertNothingInPlace();
        Assert.That(source.Requests, Is.Empty);
    }

    [TestCase(null, "is not there, or holds no certificate")]
    [TestCase("ca.crt=no certificate", "holds no certificate")]
    [TestCase("ca.crt=-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "ca.crt of the ConfigMap")]
    public async Task A_ConfigMap_that_is_of_no_use_is_a_reason(string? keys, string words)
    {
        if (keys is not null) Mount(ConfigMap, keys);

        var report = await FetchAsync(Options() with { AuthoritiesFolder = ConfigMap });

        Assert.That((report.Reason, report.Terminal), Is.EqualTo((Reasons.SourceUntrusted, false)));
        Assert.That(report.Message, Does.Contain(words));
        Assert.That(Server.Requests, Is.Empty);
    }

    [Test]
    public async Task An_authority_that_cannot_be_read_is_named()
    {
        Directory.CreateDirectory(ConfigMap);
        File.CreateSymbolicLink(Path.Combine(ConfigMap, "ca.crt"), "..gone/ca.crt");

        var report = await FetchAsync(Options() with { AuthoritiesFolder = ConfigMap });

        Assert.That((report.Reason, report.Terminal), Is.EqualTo((Reasons.SourceUntrusted, false)), report.Message);
        Assert.That(report.Message, Does.Contain("ca.crt of the ConfigMap with the private authority can't be read"));
    }

    [Test]
    public async Task What_is_not_public_is_not_connected_to_unless_it_is_listed()
    {
        var refused = await FetchAsync(Options() with { AllowedAddresses = ["10.0.0.0/8"] });
        Assert.That((refused.Reason, refused.Terminal), Is.EqualTo((Reasons.SourceNotAllowed, true)));
        Assert.That(refused.Message, Does.Contain("127.0.0.1 is a loopback address").And.Contain("--allowed-source-addresses"));
        Assert.That(Server.Requests, Is.Empty);

        AssertInPlace(Bytes.Sound, await FetchAsync(Options() with { AllowedAddresses = ["127.0.0.0/8"] }));
    }

    [Test]
    public async Task A_name_is_judged_by_the_address_that_it_resolves_to()
    {
        var url = Server.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

        var refused = await FetchAsync(Options(url) with { AllowedAddresses = [] });
        Assert.That(refused.Reason, Is.EqualTo(Reasons.SourceNotAllowed));
        Assert.That(refused.Message, Does.Contain("localhost: ").And.Contain("loopback"));

        AssertInPlace(Bytes.Sound, await FetchAsync(Options(url) with { AllowedAddresses = ["localhost"] }));
    }

    [Test]
    public async Task An_expired_link_is_made_anew_before_the_source_counts_as_forbidden()
    {
        await using var network = await MisbehavingServer.StartAsync(Bytes.Sound);
        Server.Usually = (c, _) => MisbehavingServer.StatusAsync(c, 302, headers: ("Location", network.Url));
        network.ThenResetAt(1_000_000).ThenStatus(403, "Request has expired");

        AssertInPlace(Bytes.Sound, await FetchAsync());
        Assert.That(Server.Requests, Has.Count.EqualTo(3));

        network.Usually = (c, _) => MisbehavingServer.StatusAsync(c, 403, "Request has expired");
        var report = await FetchAsync(Options(Server.Url + "?another"));
        Assert.That((report.Reason, report.Terminal), Is.EqualTo((Reasons.SourceUnauthorized, false)));
        Assert.That(Server.Requests, Has.Count.EqualTo(6), "twice anew, and no more");
    }

    private static void Mount(string folder, string keys)
    {
        // As a kubelet does: the files are links into a folder whose name begins with dots, and which is replaced.
        var version = Directory.CreateDirectory(Path.Combine(folder, $"..{RandomNumberGenerator.GetHexString(8)}"));
        foreach (var key in keys.Split(';'))
        {
            var equals = key.IndexOf('=', StringComparison.Ordinal);
            var (name, text) = (key[..equals], key[(equals + 1)..]);
            File.WriteAllText(Path.Combine(version.FullName, name), text);
            var link = Path.Combine(folder, name);
            File.Delete(link);
            File.CreateSymbolicLink(link, Path.Combine(version.Name, name));
        }
    }
}
