using System.Security.Cryptography;
using System.Text;

namespace LlmKube.Operator.Entities;

/// <summary>The name of an artefact's folder in the cache.</summary>
public static class CacheKey
{
    private const int Digits = 16;

    /// <summary>The key of what a Model wants.</summary>
    public static string Of(ModelSpec spec) => Of(SourceIdentity.Of(spec));

    /// <summary>The first 16 hexadecimal digits, in lower case, of the SHA-256 of the identity's UTF-8 bytes.</summary>
    /// <param name="identity">The source's, <see cref="SourceIdentity"/>.</param>
    public static string Of(string identity) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..Digits];
}
