using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;

namespace LlmKube.Operator.LocalCluster.ApiServer.Authorization;

/// <summary>
/// Gives service accounts their tokens: random, good until they expire and for as long as the account, and the object they were
/// bound to, are the ones they were given for. The server keeps their digests only.
/// </summary>
internal sealed class ServiceAccountTokens(ObjectStore store, TimeProvider time)
{
    private const int TokenBytes = 32;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Grant> _grants = new(StringComparer.Ordinal);

    /// <param name="account">Whom the token stands for.</param>
    /// <param name="bound">The object that the token goes with; null if it goes with the account alone.</param>
    /// <param name="audiences">Whom it is meant for.</param>
    /// <param name="expires">When it ends.</param>
    public string Issue(Holder account, Holder? bound, IReadOnlyList<string> audiences, DateTimeOffset expires)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        lock (_gate)
        {
            var now = time.GetUtcNow();
            foreach (var (digest, _) in _grants.Where(g => g.Value.Expires <= now).ToList()) _grants.Remove(digest);
            _grants[Digest(token)] = new(account, bound, audiences, expires);
        }

        return token;
    }

    public (User User, IReadOnlyList<string> Audiences)? Find(string token)
    {
        Grant? grant;
        var digest = Digest(token);
        lock (_gate) grant = _grants.GetValueOrDefault(digest);
        if (grant is null || grant.Expires <= time.GetUtcNow() || !Exists(grant.Account) || (grant.Bound is { } bound && !Exists(bound))) return null;
        var (ns, name) = (grant.Account.Namespace, grant.Account.Name);
        return (new($"{User.ServiceAccount}{ns}:{name}", ["system:serviceaccounts", $"system:serviceaccounts:{ns}", User.Authenticated], grant.Account.Uid), grant.Audiences);
    }

    private bool Exists(Holder holder) => store.Find(holder.Table, StoredObject.KeyOf(holder.Namespace, holder.Name))?.Json.Uid == holder.Uid;

    private static string Digest(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>An object whose end is also a token's.</summary>
    internal sealed record Holder(string Table, string Namespace, string Name, string Uid);

    private sealed record Grant(Holder Account, Holder? Bound, IReadOnlyList<string> Audiences, DateTimeOffset Expires);
}
