using System.Text.RegularExpressions;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary><c>$(NAME)</c> in commands, arguments and variables, as Kubernetes expands it: unknown names stay, <c>$$</c> is a dollar.</summary>
internal static partial class VariableExpansion
{
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables) => Reference().Replace(text, match =>
        match.Value == "$$" ? "$" : variables.GetValueOrDefault(match.Groups["name"].Value, match.Value));

    [GeneratedRegex(@"\$\$|\$\((?<name>[^()]+)\)")]
    private static partial Regex Reference();
}
