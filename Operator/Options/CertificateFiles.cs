namespace LlmKube.Operator.Options;

/// <summary>A certificate as cert-manager and Kubernetes' own Secrets of type <c>kubernetes.io/tls</c> lay it out: PEM files in a folder.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="CertificateName">The file with the certificate, and behind it those that it was issued by.</param>
/// <param name="KeyName">The file with its private key.</param>
internal sealed record CertificateFiles(string Folder, string CertificateName = CertificateFiles.DefaultCertificateName, string KeyName = CertificateFiles.DefaultKeyName)
{
    /// <summary>The name in a Secret.</summary>
    public const string DefaultCertificateName = "tls.crt";

    /// <summary>The name in a Secret.</summary>
    public const string DefaultKeyName = "tls.key";

    /// <summary>The path of the certificate.</summary>
    public string Certificate => Path.Combine(Folder, CertificateName);

    /// <summary>The path of the key.</summary>
    public string Key => Path.Combine(Folder, KeyName);

    /// <inheritdoc/>
    public override string ToString() => $"{Certificate} and {KeyName}";
}
