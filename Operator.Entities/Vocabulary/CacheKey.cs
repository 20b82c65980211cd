using System.Security.Cryptography;
using System.Text;

namespace LlmKube.Operator.Entities;

/// <summary>The name of a source's folder in the cache.</summary>
public static class CacheKey
{
    private const int Digits = 16;

    /// <summary>The first 16 hexadecimal digits, in lower case, of the SHA-256 of the source's UTF-8 bytes.</summary>
    public static string Of(string source) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)))[..Digits];
}
