using System.Text.RegularExpressions;
using k8s.Models;

namespace LlmKube.Operator.InferenceServices;

/// <summary>
/// Why an image can't be pulled. The kubelet goes back and forth between the try, which has the registry's words, and the wait for the next one, which may have none: so these are
/// told as one of a few causes, and what was told of the image stays until something else is known.
/// </summary>
internal static partial class PullFailure
{
    private static readonly HashSet<string> WaitReasons = ["ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"];

    // The first that fits: a platform that is not there is "not found" as well, and who is refused may be told that there is no such image.
    private static readonly (Regex Words, string Cause)[] Causes =
    [
        (Platform(), "it is not made for the node's platform (no matching manifest)"),
        (Certificate(), "the registry's certificate is not trusted (x509)"),
        (Refused(), "the registry refuses it without other credentials (unauthorized, or not found)"),
        (Missing(), "the registry does not have it (not found)"),
        (TooMany(), "the registry has had too many requests"),
        (Full(), "the node has no room for it (no space left)"),
        (Silent(), "the registry does not answer"),
    ];

    /// <summary>What is said of a container whose image can't be pulled; null for all others.</summary>
    /// <param name="status">The container's.</param>
    /// <param name="before">What was said the last time of the service's pods; null: nothing.</param>
    public static string? Message(V1ContainerStatus status, string? before)
    {
        if (status.State?.Waiting is not { } waiting || !WaitReasons.Contains(waiting.Reason ?? "")) return null;
        var plain = $"the image \"{status.Image}\" can't be pulled";
        if (CauseOf(waiting) is { } cause) return $"{plain}: {cause}";
        return before?.StartsWith($"{plain}: ", StringComparison.Ordinal) == true ? before : plain;
    }

    private static string? CauseOf(V1ContainerStateWaiting waiting) => waiting.Reason switch
    {
        "InvalidImageName" => "that is not the name of an image",
        "ErrImageNeverPull" => "it is not on the node, and its pull policy is Never",
        _ => Array.Find(Causes, c => c.Words.IsMatch(waiting.Message ?? "")).Cause,
    };

    [GeneratedRegex("no match(ing manifest| for platform)|image operating system .* cannot be used|exec format", RegexOptions.IgnoreCase)]
    private static partial Regex Platform();

    [GeneratedRegex("x509:|certificate (signed|is|has)|tls: ", RegexOptions.IgnoreCase)]
    private static partial Regex Certificate();

    [GeneratedRegex(@"unauthorized|authorization|authentication required|access denied|access to the resource is denied|forbidden|no basic auth|\b40[13]\b", RegexOptions.IgnoreCase)]
    private static partial Regex Refused();

    [GeneratedRegex(@"not found|manifest unknown|name unknown|does not exist|\b404\b", RegexOptions.IgnoreCase)]
    private static partial Regex Missing();

    [GeneratedRegex(@"toomanyrequests|too many requests|rate limit|\b429\b", RegexOptions.IgnoreCase)]
    private static partial Regex TooMany();

    [GeneratedRegex("no space left", RegexOptions.IgnoreCase)]
    private static partial Regex Full();

    [GeneratedRegex(@"no such host|connection refused|connection reset|i/o timeout|deadline exceeded|Client\.Timeout|no route to host|network is unreachable|server misbehaving|EOF|\b50[0234]\b", RegexOptions.IgnoreCase)]
    private static partial Regex Silent();
}
