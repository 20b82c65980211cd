using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using k8s.Exceptions;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Access;

/// <summary>
/// The certificate authorities in a PEM file that is replaced when they change, and the judgement by them. As a collection it holds those at the start, which
/// is how it gets into a client's configuration.
/// </summary>
internal sealed class AuthorityFile : X509Certificate2Collection
{
    private readonly string _path;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private X509Certificate2Collection _current;

    // What was read last, good or not.
    private string _seen;

    /// <summary>Reads the file.</summary>
    /// <exception cref="KubeConfigException">There is no certificate in it.</exception>
    public AuthorityFile(string path, ILogger logger)
    {
        (_path, _logger) = (path, logger);
        try
        {
            _seen = File.ReadAllText(path);
            _current = Parse(_seen);
        }
        catch (Exception e) when (IsUnusable(e))
        {
            throw new KubeConfigException($"{path} can't be used: {e.Message}", e);
        }

        AddRange(_current);
    }

    /// <summary>Has connections of a handler, which has made none yet, judged by this file.</summary>
    public void Guard(SocketsHttpHandler handler) => handler.SslOptions.RemoteCertificateValidationCallback = Validate;

    /// <summary>
    /// Whether a server's certificate bears its name and is signed by an authority that is in the file now. Looking at each connection is cheaper and surer than
    /// a file watch, which the links of a mounted volume lead astray.
    /// </summary>
    internal bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        // By whom it is signed is judged here, and not by this system's authorities.
        if (certificate is not X509Certificate2 shown || chain is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None) return false;
        var trusted = Current();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;

        // An authority in the file need not be a root, as in Go. Whether the chain leads to one of them is what the second half is for.
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        return chain.Build(shown) && chain.ChainElements.Any(e => trusted.Any(t => t.RawDataMemory.Span.SequenceEqual(e.Certificate.RawDataMemory.Span)));
    }

    // A file that can't be used, since it is half written, leaves the last good one in force.
    private X509Certificate2Collection Current()
    {
        lock (_gate)
        {
            var found = "";
            try
            {
                found = File.ReadAllText(_path);
                if (found == _seen) return _current;
                _current = Parse(found);
                _logger.AuthoritiesReloaded(_path, _current.Count);
            }
            catch (Exception e) when (IsUnusable(e))
            {
                // Told once for each content.
                if (found != _seen) _logger.AuthoritiesRefused(_path, e.Message);
            }

            _seen = found;
            return _current;
        }
    }

    private static X509Certificate2Collection Parse(string pem)
    {
        var found = new X509Certificate2Collection();
        found.ImportFromPem(pem);
        return found.Count > 0 ? found : throw new CryptographicException("there is no certificate in it");
    }

    private static bool IsUnusable(Exception e) => e is IOException or UnauthorizedAccessException or CryptographicException;
}
