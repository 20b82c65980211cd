using System.Globalization;
using System.Text.RegularExpressions;

namespace LlmKube.Operator.LocalCluster.ApiServer.Discovery;

/// <summary>The order of API versions: v2, v1, v1beta2, v1beta1, v1alpha1, then others by name.</summary>
internal static partial class Versions
{
    public static IReadOnlyList<string> Ordered(IEnumerable<string> versions) => [.. versions.Distinct().OrderBy(Rank).ThenBy(v => v, StringComparer.Ordinal)];

    private static (int Stability, int Major, int Minor) Rank(string version)
    {
        if (Form().Match(version) is not { Success: true } match) return (3, 0, 0);
        var minor = match.Groups["minor"].Success ? int.Parse(match.Groups["minor"].ValueSpan, CultureInfo.InvariantCulture) : 0;
        var major = int.Parse(match.Groups["major"].ValueSpan, CultureInfo.InvariantCulture);
        return (match.Groups["stage"].Value switch { "" => 0, "beta" => 1, _ => 2 }, -major, -minor);
    }

    [GeneratedRegex(@"^v(?<major>\d{1,6})((?<stage>alpha|beta)(?<minor>\d{1,6}))?\z")]
    private static partial Regex Form();
}
