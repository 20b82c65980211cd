using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.Hosting;

/// <summary>
/// The certificate that <c>/metrics</c> is served with: of the files that the options name, read again when they change, or else made here, which encrypts but proves nothing.
/// </summary>
internal sealed class ServingCertificate
{
    private static readonly TimeSpan SelfSignedFor = TimeSpan.FromDays(365);

    // A clock that is behind ours must not refuse a certificate that was made a moment ago.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private readonly CertificateFiles? _files;
    private readonly TimeProvider _time;
    private readonly ILogger<ServingCertificate> _logger;
    private readonly Lock _gate = new();
    private SslStreamCertificateContext _current;

    // What was looked at last, good or not: hashes, since one of the files is a key.
    private string? _seen;

    /// <summary>Reads the files, or makes a certificate.</summary>
    /// <exception cref="ServingCertificateException">The files can't be used.</exception>
    public ServingCertificate(OperatorOptions options, TimeProvider time, ILogger<ServingCertificate> logger)
    {
        (_files, _time, _logger) = (options.MetricsCertificate, time, logger);
        try
        {
            if (_files is null)
            {
                _current = SelfSigned();
                return;
            }

            var pem = Pem.Read(_files);
            (_current, _seen) = (pem.Context(), pem.Hash);
        }
        catch (Exception e) when (_files is not null && IsUnusable(e))
        {
            throw new ServingCertificateException($"--metrics-cert-path: {_files} can't be used: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>
    /// The certificate to present to a new connection. Looking at each is cheaper and surer than a file watch, which the links of a mounted Secret lead astray.
    /// Files that can't be used (a key that doesn't go with its certificate, because only one of them has been replaced yet) leave the last good one in place.
    /// </summary>
    public SslStreamCertificateContext Current()
    {
        lock (_gate)
        {
            if (_files is not null) Reload(_files);
            else if (_current.TargetCertificate.NotAfter.ToUniversalTime() - _time.GetUtcNow().UtcDateTime < SelfSignedFor / 3) _current = SelfSigned();
            return _current;
        }
    }

    private void Reload(CertificateFiles files)
    {
        string? found = null;
        try
        {
            var pem = Pem.Read(files);
            found = pem.Hash;
            if (found == _seen) return;
            _current = pem.Context();
            _logger.CertificateReloaded(files.Certificate, _current.TargetCertificate.NotAfter.ToUniversalTime());
        }
        catch (Exception e) when (IsUnusable(e))
        {
            // Told once for each content, not with every scrape.
            found ??= e.Message;
            if (found != _seen) _logger.CertificateRefused(files.Certificate, e.Message);
        }

        _seen = found;
    }

    private static bool IsUnusable(Exception e) => e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    private SslStreamCertificateContext SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={OperatorApplication.Name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = _time.GetUtcNow();
        using var made = request.CreateSelfSigned(now - ClockSkew, now + SelfSignedFor);
        return ContextOf(made, null);
    }

    // Through PKCS #12: some platforms can't serve with a key that is nowhere but in memory.
    private static SslStreamCertificateContext ContextOf(X509Certificate2 leaf, X509Certificate2Collection? chain) =>
        SslStreamCertificateContext.Create(X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pkcs12), password: null), chain, offline: true);

    /// <summary>The text of both files, read once, so that what is compared is what is used.</summary>
    private sealed record Pem(string Certificate, string Key)
    {
        public string Hash => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Certificate + Key)));

        public static Pem Read(CertificateFiles files) => new(File.ReadAllText(files.Certificate), File.ReadAllText(files.Key));

        public SslStreamCertificateContext Context()
        {
            using var leaf = X509Certificate2.CreateFromPem(Certificate, Key);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(Certificate);
            return ContextOf(leaf, chain);
        }
    }
}

/// <summary>The files of a certificate can't be used; the message names the flag and says why.</summary>
internal sealed class ServingCertificateException(string message, Exception cause) : Exception(message, cause);
