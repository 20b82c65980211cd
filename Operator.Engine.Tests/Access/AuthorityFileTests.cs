using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using k8s.Exceptions;
using LlmKube.Operator.Engine.Access;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmKube.Operator.Engine.Tests.Access;

/// <summary>Whose certificates are taken, in real handshakes.</summary>
public class AuthorityFileTests
{
    private const string Name = "server.test";
    private static readonly TestAuthority s_one = TestAuthority.Root("one");
    private static readonly TestAuthority s_two = TestAuthority.Root("two");
    private static readonly TestAuthority s_namesake = TestAuthority.Root("one");
    private static readonly TestAuthority s_below = s_one.Below("below");
    private static readonly X509Certificate2 s_own = TestAuthority.OwnServer(Name);

    private static readonly Dictionary<string, (string File, X509Certificate2 Server, X509Certificate2[] Shown, bool IsTrusted)> Cases = new()
    {
        ["of the authority"] = (s_one.Pem, s_one.Server(), [], true),
        ["of the second of two"] = (s_one.Pem + "\n" + s_two.Pem, s_two.Server(), [], true),
        ["of another"] = (s_one.Pem, s_two.Server(), [], false),
        ["of another who shows its own"] = (s_one.Pem, s_two.Server(), [s_two.Certificate], false),
        ["of another of the same name"] = (s_one.Pem, s_namesake.Server(), [s_namesake.Certificate], false),
        ["for another name"] = (s_one.Pem, s_one.Server("elsewhere.test"), [], false),
        ["no longer valid"] = (s_one.Pem, s_one.Server(expired: true), [], false),
        ["of an authority below, which the server shows"] = (s_one.Pem, s_below.Server(), [s_below.Certificate], true),
        ["of an authority below, which nobody shows"] = (s_one.Pem, s_below.Server(), [], false),
        ["of an authority that is no root"] = (s_below.Pem, s_below.Server(), [], true),
        ["of nobody"] = (s_one.Pem, s_own, [], false),
        ["of nobody, and itself in the file"] = (s_own.ExportCertificatePem(), s_own, [], true),
    };

    private DirectoryInfo _folder = null!;

    public static IEnumerable<string> Stories => Cases.Keys;

    private string File => Path.Combine(_folder.FullName, "ca.crt");

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("authorities-");

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [OneTimeTearDown]
    public void DisposeOfOwn() => s_own.Dispose();

    [TestCaseSource(nameof(Stories))]
    public async Task A_certificate_is(string story)
    {
        var (file, server, shown, isTrusted) = Cases[story];
        await WriteAsync(file);
        Assert.That(await ConnectsAsync(new(File, NullLogger.Instance), server, shown), Is.EqualTo(isTrusted));
    }

    [Test]
    public async Task Who_is_in_the_file_now_is_trusted_and_nobody_else()
    {
        await WriteAsync(s_one.Pem);
        var authorities = new AuthorityFile(File, NullLogger.Instance);
        Assert.That(authorities, Has.Count.EqualTo(1), "the package takes it as a collection");
        Assert.That(await ConnectsAsync(authorities, s_one.Server()), Is.True);

        await WriteAsync(s_one.Pem + "\n" + s_two.Pem);
        Assert.That(await ConnectsAsync(authorities, s_one.Server()), Is.True);
        Assert.That(await ConnectsAsync(authorities, s_two.Server()), Is.True);

        await WriteAsync(s_two.Pem);
        Assert.That(await ConnectsAsync(authorities, s_one.Server()), Is.False);
        Assert.That(await ConnectsAsync(authorities, s_two.Server()), Is.True);
    }

    [Test]
    public async Task A_file_that_can_not_be_used_leaves_the_last_good_one_in_force([Values("", "no certificate", null)] string? text)
    {
        await WriteAsync(s_one.Pem);
        var authorities = new AuthorityFile(File, NullLogger.Instance);
        if (text is null) System.IO.File.Delete(File);
        else await WriteAsync(text);
        Assert.That(await ConnectsAsync(authorities, s_one.Server()), Is.True);
        Assert.That(await ConnectsAsync(authorities, s_two.Server()), Is.False);
        await WriteAsync(s_two.Pem);
        Assert.That(await ConnectsAsync(authorities, s_two.Server()), Is.True);
    }

    [Test]
    public async Task A_file_that_never_had_an_authority_is_refused()
    {
        await WriteAsync("no certificate");
        Assert.That(() => new AuthorityFile(File, NullLogger.Instance), Throws.TypeOf<KubeConfigException>().With.Message.EqualTo($"{File} can't be used: there is no certificate in it"));
    }

    private Task WriteAsync(string text) => System.IO.File.WriteAllTextAsync(File, text);

    private static async Task<bool> ConnectsAsync(AuthorityFile authorities, X509Certificate2 server, params X509Certificate2[] shown)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        var connecting = client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var accepted = await listener.AcceptTcpClientAsync();
        await connecting;
        await using var theirs = new SslStream(accepted.GetStream());
        await using var ours = new SslStream(client.GetStream(), false, authorities.Validate);
        var context = SslStreamCertificateContext.Create(server, [.. shown], offline: true);
        var serving = theirs.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = context });
        try
        {
            await ours.AuthenticateAsClientAsync(Name);
            return true;
        }
        catch (AuthenticationException)
        {
            return false;
        }
        finally
        {
            client.Close();
            await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
