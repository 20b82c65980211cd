using System.Security.Cryptography;
using System.Text;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;

namespace LlmKube.Operator.LocalCluster.ApiServer.Authorization;

/// <summary>Knows users by their bearer tokens.</summary>
internal sealed class TokenAuthenticator(IReadOnlyList<ApiToken> tokens)
{
    private const string Scheme = "Bearer ";

    /// <exception cref="ApiException">401: the token is unknown. A request without a token is anonymous.</exception>
    public User Authenticate(string? authorization)
    {
        if (string.IsNullOrEmpty(authorization) || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return User.Anonymous;
        return Find(authorization[Scheme.Length..].Trim()) ?? throw ApiException.Unauthorized();
    }

    public User? Find(string token)
    {
        var bytes = Encoding.UTF8.GetBytes(token);
        User? user = null;
        foreach (var known in tokens)
        {
            if (CryptographicOperations.FixedTimeEquals(bytes, Encoding.UTF8.GetBytes(known.Token)))
            {
                user = new(known.User, [.. known.Groups, User.Authenticated]);
            }
        }

        return user;
    }
}
