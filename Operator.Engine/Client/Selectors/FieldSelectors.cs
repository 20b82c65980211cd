namespace KubeOps.KubernetesClient.Selectors;

/// <summary>A requirement on one of the fields that the API server can select by.</summary>
public abstract record FieldSelector : KubernetesSelector;

/// <summary>The field has the value.</summary>
/// <param name="Field">The field's path, e.g. <c>metadata.name</c>.</param>
/// <param name="Value">The value.</param>
public sealed record EqualsFieldSelector(string Field, string Value) : FieldSelector
{
    /// <inheritdoc/>
    protected override string ToExpression() => $"{Field}={Value}";
}

/// <summary>The field has another value.</summary>
/// <param name="Field">The field's path, e.g. <c>metadata.name</c>.</param>
/// <param name="Value">The value.</param>
public sealed record NotEqualsFieldSelector(string Field, string Value) : FieldSelector
{
    /// <inheritdoc/>
    protected override string ToExpression() => $"{Field}!={Value}";
}
