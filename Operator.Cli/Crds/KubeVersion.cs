using System.Globalization;
using System.Text.RegularExpressions;

namespace LlmKube.Operator.Cli.Crds;

/// <summary>
/// The order of API versions: stable before beta before alpha, the newer number first, other names last and by alphabet.
/// Source: "Version priority" in Kubernetes' documentation of CustomResourceDefinition versions.
/// </summary>
internal static partial class KubeVersion
{
    public static IComparer<string> NewestFirst { get; } = Comparer<string>.Create((a, b) => Key(a).CompareTo(Key(b)));

    private static (int Stage, int Major, int Minor, string Name) Key(string version)
    {
        var match = Form().Match(version);
        if (!match.Success) return (3, 0, 0, version);

        var stage = match.Groups[2].Value switch { "" => 0, "beta" => 1, _ => 2 };
        return (stage, -Number(match.Groups[1]), -Number(match.Groups[3]), version);
    }

    private static int Number(Group group) =>
        int.TryParse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [GeneratedRegex(@"^v([0-9]{1,9})(?:(alpha|beta)([0-9]{1,9}))?$")]
    private static partial Regex Form();
}
