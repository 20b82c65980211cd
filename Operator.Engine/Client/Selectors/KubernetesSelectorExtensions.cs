namespace KubeOps.KubernetesClient.Selectors;

/// <summary>Joins selectors into the two query parameters of the Kubernetes API.</summary>
internal static class KubernetesSelectorExtensions
{
    public static string? LabelExpression(this IEnumerable<KubernetesSelector> selectors) =>
        Join(selectors.OfType<LabelSelector>());

    public static string? FieldExpression(this IEnumerable<KubernetesSelector> selectors) =>
        Join(selectors.OfType<FieldSelector>());

    private static string? Join(IEnumerable<KubernetesSelector> selectors) =>
        string.Join(',', selectors.Select(selector => (string)selector)) is { Length: > 0 } expression ? expression : null;
}
