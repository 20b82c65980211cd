using System.Net.Http.Headers;
using System.Text;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Fetching;

/// <summary>Who a fetch is to its source. It is shown to the source's own host alone, and to nobody else in words either.</summary>
internal sealed class Credentials
{
    private Credentials(AuthenticationHeaderValue header, IReadOnlyList<string> secrets) => (Header, Secrets) = (header, secrets);

    /// <summary>The keys of a Secret that hold a token, the first one that is there counts. The first is what Hugging Face's own tools call it.</summary>
    public static readonly IReadOnlyList<string> TokenKeys = ["HF_TOKEN", "token"];

    /// <summary>The keys of a Secret that hold a name and a password.</summary>
    public static readonly (string Name, string Password) PasswordKeys = ("username", "password");

    /// <summary>The value of <c>Authorization</c>.</summary>
    public AuthenticationHeaderValue Header { get; }

    /// <summary>What must not be told, in all the forms in which an answer could repeat it.</summary>
    public IReadOnlyList<string> Secrets { get; }

    /// <summary>Reads a mounted Secret.</summary>
    /// <exception cref="FetchFailure">It is not there, or has nothing that can be used.</exception>
    public static Credentials Read(string folder)
    {
        foreach (var key in TokenKeys)
        {
            if (Text(folder, key) is { } token) return Bearer(key, token);
        }

        if (Text(folder, PasswordKeys.Name) is { } name && Text(folder, PasswordKeys.Password) is { } password) return Basic($"{name}:{password}");
        throw new FetchFailure(Reasons.SourceUnauthorized, "the Secret of spec.sourceSecretRef is not there, or has none of HF_TOKEN, token, and username with password", TryAgain.Later);
    }

    /// <summary>A name and a password.</summary>
    /// <param name="userInfo">Both, with a colon between them.</param>
    public static Credentials Basic(string userInfo)
    {
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(userInfo));
        return new(new("Basic", encoded), Forms([.. userInfo.Split(':', 2), encoded]));
    }

    private static string? Text(string folder, string key)
    {
        try
        {
            return MountedFiles.Text(folder, key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FetchFailure(Reasons.SourceUnauthorized, $"the key {key} in the Secret of spec.sourceSecretRef can't be read: {e.Message}", TryAgain.Later, e);
        }
    }

    private static Credentials Bearer(string key, string token)
    {
        // A header can't hold it, and the framework's words about that would repeat it.
        if (token.Any(c => c is <= ' ' or > '~')) throw new FetchFailure(Reasons.SourceUnauthorized, $"{key} in the Secret of spec.sourceSecretRef is no token: it holds blanks, line ends or letters beyond ASCII", TryAgain.Later);
        return new(new("Bearer", token), Forms([token, Convert.ToBase64String(Encoding.UTF8.GetBytes(token))]));
    }

    private static IReadOnlyList<string> Forms(IEnumerable<string> secrets) => [.. secrets.SelectMany(s => new[] { s, Uri.EscapeDataString(s) }).Where(s => s.Length > 0).Distinct()];
}
