using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LlmKube.Operator.Tests;

/// <summary>A private certificate authority, and the certificate of a server on loopback that it has signed.</summary>
internal sealed class LoopbackAuthority : IDisposable
{
    private LoopbackAuthority(X509Certificate2 root, X509Certificate2 server) => (Root, Server) = (root, server);

    /// <summary>Whom clients are to trust.</summary>
    public X509Certificate2 Root { get; }

    /// <summary>What the server shows, with its key.</summary>
    public X509Certificate2 Server { get; }

    public static LoopbackAuthority Create(string name)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest($"CN={name}", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        rootRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        var root = rootRequest.CreateSelfSigned(now.AddDays(-1), now.AddYears(1));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        using var signed = request.Create(root, now.AddDays(-1), now.AddMonths(6), RandomNumberGenerator.GetBytes(8));
        using var keyed = signed.CopyWithPrivateKey(key);

        // Through PKCS#12, so that the key is usable for TLS on every platform.
        return new(root, X509CertificateLoader.LoadPkcs12(keyed.Export(X509ContentType.Pkcs12), null));
    }

    public void Dispose()
    {
        Root.Dispose();
        Server.Dispose();
    }
}
