using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Fetching;

/// <summary>Whom a fetch trusts: those whom the system trusts, and a private authority where one is given. Names are checked by the framework as ever.</summary>
internal static class TrustedRoots
{
    /// <summary>The policy of a folder with certificates.</summary>
    /// <param name="folder">The mounted ConfigMap; each of its files holds one or more certificates as PEM. Null: the system's authorities alone.</param>
    /// <exception cref="FetchFailure">The folder holds no certificate, or what is no PEM.</exception>
    public static X509ChainPolicy? Of(string? folder)
    {
        if (folder is null) return null;
        var given = new X509Certificate2Collection();
        foreach (var file in MountedFiles.In(folder)) Import(given, file);
        if (given.Count == 0)
        {
            throw new FetchFailure(
                Reasons.SourceUntrusted, "the ConfigMap with the private authority is not there, or holds no certificate as PEM: look at spec.caCertConfigMapRef or --ca-cert-configmap", TryAgain.Later);
        }

        // An authority need not be a root: what is not self-signed helps to build the chain, and is not its end.
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        using (var system = new X509Store(StoreName.Root, StoreLocation.LocalMachine))
        {
            system.Open(OpenFlags.ReadOnly | OpenFlags.OpenExistingOnly);
            policy.CustomTrustStore.AddRange(system.Certificates);
        }

        policy.CustomTrustStore.AddRange(given.Where(IsSelfSigned).ToArray());
        policy.ExtraStore.AddRange(given.Where(c => !IsSelfSigned(c)).ToArray());
        return policy;
    }

    private static void Import(X509Certificate2Collection given, string file)
    {
        try
        {
            given.ImportFromPemFile(file);
        }
        catch (CryptographicException e)
        {
            throw new FetchFailure(Reasons.SourceUntrusted, $"{Path.GetFileName(file)} of the ConfigMap with the private authority holds a certificate that can't be read: {e.Message}", TryAgain.Later, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FetchFailure(Reasons.SourceUntrusted, $"{Path.GetFileName(file)} of the ConfigMap with the private authority can't be read: {e.Message}", TryAgain.Later, e);
        }
    }

    private static bool IsSelfSigned(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
}
