using System.Security.Cryptography;
using System.Text;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;

namespace LlmKube.Operator.LocalCluster.ApiServer.Authorization;

/// <summary>Knows users by their bearer tokens: those the server was started with, and those of service accounts.</summary>
internal sealed class TokenAuthenticator(IReadOnlyList<ApiToken> tokens, ServiceAccountTokens accounts)
{
    /// <summary>Whom tokens are meant for that name nobody: this server.</summary>
    public const string OwnAudience = "https://kubernetes.default.svc.cluster.local";

    private const string Scheme = "Bearer ";

    /// <exception cref="ApiException">401: the token is unknown. A request without a token is anonymous.</exception>
    public User Authenticate(string? authorization)
    {
        if (string.IsNullOrEmpty(authorization) || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return User.Anonymous;
        return Find(authorization[Scheme.Length..].Trim()) ?? throw ApiException.Unauthorized();
    }

    /// <summary>The user whom a token stands for towards this server.</summary>
    public User? Find(string token) => Find(token, [OwnAudience])?.User;

    /// <summary>The user whom a token stands for towards any of some audiences, and those of them that it is meant for.</summary>
    public (User User, IReadOnlyList<string> Audiences)? Find(string token, IReadOnlyList<string> audiences)
    {
        if (accounts.Find(token) is { } account)
        {
            var common = audiences.Intersect(account.Audiences, StringComparer.Ordinal).ToList();
            return common.Count == 0 ? null : (account.User, common);
        }

        return Known(token) is { } user && audiences.Contains(OwnAudience) ? (user, [OwnAudience]) : null;
    }

    private User? Known(string token)
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
