using System.Text.RegularExpressions;

using Microsoft.CodeAnalysis.Diagnostics;

namespace LlmKube.Operator.Generator.Discovery;

/// <summary>The namespace of the generated classes that belong to no entity: KubeOpsGeneratorNamespace, or none.</summary>
internal static class GeneratedNamespace
{
    /// <summary>The namespace, made a valid one; null for the global namespace.</summary>
    public static string? Of(AnalyzerConfigOptionsProvider options)
        => options.GlobalOptions.TryGetValue("build_property.KubeOpsGeneratorNamespace", out var name)
            && !string.IsNullOrWhiteSpace(name)
                ? string.Join(".", name.Split('.').Where(part => part.Trim().Length > 0).Select(Identifier))
                : null;

    // An assembly name such as 7-zip.Operator is a fine value of the property and no namespace.
    private static string Identifier(string part)
    {
        var cleaned = Regex.Replace(part.Trim(), @"\W", "_", RegexOptions.CultureInvariant);
        return char.IsDigit(cleaned[0]) ? $"_{cleaned}" : cleaned;
    }
}
