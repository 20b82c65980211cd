using System.Security.Cryptography;
using System.Text;

namespace LlmKube.Operator.Reconciling;

/// <summary>A text in 16 characters, to see later whether it is the same.</summary>
internal static class ShortHash
{
    /// <summary>The hash: the first 64 bits of the text's SHA-256, in lower case.</summary>
    public static string Of(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
}
