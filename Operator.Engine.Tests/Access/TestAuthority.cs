using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LlmKube.Operator.Engine.Tests.Access;

/// <summary>A certificate authority with its key.</summary>
internal sealed class TestAuthority
{
    private static readonly TimeSpan s_life = TimeSpan.FromDays(10);
    private readonly X509Certificate2 _keyed;

    private TestAuthority(X509Certificate2 keyed) => _keyed = keyed;

    /// <summary>Its certificate as PEM.</summary>
    public string Pem => _keyed.ExportCertificatePem();

    /// <summary>Its certificate, without the key.</summary>
    public X509Certificate2 Certificate => X509CertificateLoader.LoadCertificate(_keyed.RawData);

    public static TestAuthority Root(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        return new(Request(name, key, isAuthority: true).CreateSelfSigned(now - s_life, now + s_life));
    }

    /// <summary>An authority below this one.</summary>
    public TestAuthority Below(string name) => new(Sign(name, isAuthority: true, expired: false));

    /// <summary>A server's certificate with its key.</summary>
    public X509Certificate2 Server(string name = "server.test", bool expired = false) => Usable(Sign(name, isAuthority: false, expired));

    /// <summary>A server's certificate that vouches for itself.</summary>
    public static X509Certificate2 OwnServer(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        return Usable(Request(name, key, isAuthority: false).CreateSelfSigned(now - s_life, now + s_life));
    }

    private X509Certificate2 Sign(string name, bool isAuthority, bool expired)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        // Nobody may vouch for longer than others vouch for him, not by a second.
        DateTimeOffset to = expired ? TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(1) : _keyed.NotAfter;
        using var signed = Request(name, key, isAuthority).Create(_keyed, _keyed.NotBefore, to, RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    private static CertificateRequest Request(string name, ECDsa key, bool isAuthority)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (!isAuthority) request.CertificateExtensions.Add(names.Build());
        return request;
    }

    // Through PKCS #12: some platforms can't serve with a key that is nowhere but in memory.
    private static X509Certificate2 Usable(X509Certificate2 keyed) => X509CertificateLoader.LoadPkcs12(keyed.Export(X509ContentType.Pkcs12), null);
}
