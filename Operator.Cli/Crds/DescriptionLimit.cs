namespace LlmKube.Operator.Cli.Crds;

/// <summary>How much of the descriptions of Kubernetes' own types a schema holds. Ours are always whole.</summary>
internal enum DescriptionLimit
{
    /// <summary>All of it.</summary>
    None,

    /// <summary>The first sentence.</summary>
    FirstSentence,

    /// <summary>Nothing.</summary>
    NoText,
}

internal static class DescriptionLimits
{
    public static string? Apply(this DescriptionLimit limit, Type describes, string? text) =>
        text is null || limit == DescriptionLimit.None || !KubernetesTypes.IsKubernetes(describes) ? text
        : limit == DescriptionLimit.FirstSentence ? FirstSentence(text)
        : null;

    private static string FirstSentence(string text)
    {
        var end = text.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? text : text[..(end + 1)];
    }
}
