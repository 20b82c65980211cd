using System.Net.Http.Headers;
using k8s.Authentication;
using k8s.Exceptions;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Access;

/// <summary>A bearer token in a file that is replaced before the token expires, as a kubelet does with a service account's.</summary>
internal sealed class TokenFile : ITokenProvider
{
    // client-go's. A kubelet replaces a token when a fifth of its life is left, which is two minutes at least.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private AuthenticationHeaderValue _header;
    private long _readAt;

    /// <summary>Reads the file.</summary>
    /// <exception cref="KubeConfigException">There is no token in it.</exception>
    public TokenFile(string path, TimeProvider time, ILogger logger)
    {
        (_path, _time, _logger, _readAt) = (path, time, logger, time.GetTimestamp());
        try
        {
            _header = Parse(File.ReadAllText(path));
        }
        catch (Exception e) when (IsUnusable(e))
        {
            throw new KubeConfigException($"{path} can't be used: {e.Message}", e);
        }
    }

    /// <summary>The token, as it was a minute ago at most.</summary>
    public Task<AuthenticationHeaderValue> GetAuthenticationHeaderAsync(CancellationToken cancellationToken)
    {
        lock (_gate) return Task.FromResult(_time.GetElapsedTime(_readAt) < Fresh ? _header : Read());
    }

    /// <summary>The token as it is now: the API server no longer takes the one that it was shown.</summary>
    public AuthenticationHeaderValue Reread()
    {
        lock (_gate) return Read();
    }

    private AuthenticationHeaderValue Read()
    {
        _readAt = _time.GetTimestamp();
        try
        {
            return _header = Parse(File.ReadAllText(_path));
        }
        catch (Exception e) when (IsUnusable(e))
        {
            // The last one may still do; if it does not, the API server says so.
            _logger.TokenUnreadable(_path, e.Message);
            return _header;
        }
    }

    private static AuthenticationHeaderValue Parse(string text) =>
        text.Trim() is { Length: > 0 } token ? new("Bearer", token) : throw new FormatException("there is no token in it");

    private static bool IsUnusable(Exception e) => e is IOException or UnauthorizedAccessException or FormatException;
}
