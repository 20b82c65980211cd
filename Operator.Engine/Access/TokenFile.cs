using System.Net.Http.Headers;
using k8s.Authentication;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Access;

/// <summary>A bearer token in a file that is replaced before the token expires, as a kubelet does with a service account's.</summary>
internal sealed class TokenFile(string path, TimeProvider time, ILogger logger) : ITokenProvider
{
    // client-go's. A kubelet replaces a token when a fifth of its life is left, which is two minutes at least.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private AuthenticationHeaderValue? _header;
    private long _readAt;

    /// <summary>The token, as it was a minute ago at most.</summary>
    /// <exception cref="IOException">There has never been one.</exception>
    public Task<AuthenticationHeaderValue> GetAuthenticationHeaderAsync(CancellationToken cancellationToken)
    {
        lock (_gate) return Task.FromResult(_header is not null && time.GetElapsedTime(_readAt) < Fresh ? _header : Read());
    }

    /// <summary>The token as it is now: the API server no longer takes the one that it was shown.</summary>
    public AuthenticationHeaderValue Reread()
    {
        lock (_gate) return Read();
    }

    private AuthenticationHeaderValue Read()
    {
        _readAt = time.GetTimestamp();
        try
        {
            var token = File.ReadAllText(path).Trim();
            if (token.Length == 0) throw new IOException($"{path} is empty");
            return _header = new("Bearer", token);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && _header is not null)
        {
            // The last one may still do; if it does not, the API server says so.
            logger.TokenUnreadable(path, e.Message);
            return _header;
        }
    }
}
