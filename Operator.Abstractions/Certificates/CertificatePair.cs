using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeOps.Abstractions.Certificates;

/// <summary>A certificate and its private key.</summary>
/// <param name="Certificate">The certificate.</param>
/// <param name="Key">The private key.</param>
public record CertificatePair(X509Certificate2 Certificate, AsymmetricAlgorithm Key);

/// <summary>Where a webhook server has its certificates from.</summary>
/// <remarks>Declared for KubeOps' sake: this engine serves no webhooks.</remarks>
public interface ICertificateProvider : IDisposable
{
    /// <summary>What the server shows.</summary>
    CertificatePair Server { get; }

    /// <summary>What signed it.</summary>
    CertificatePair Root { get; }
}
