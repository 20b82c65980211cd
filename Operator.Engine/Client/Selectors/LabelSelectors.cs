namespace KubeOps.KubernetesClient.Selectors;

/// <summary>A requirement on an object's labels.</summary>
public abstract record LabelSelector : KubernetesSelector;

/// <summary>The label has one of the values.</summary>
/// <param name="Label">The label's name.</param>
/// <param name="Values">The values, at least one.</param>
public sealed record EqualsLabelSelector(string Label, params string[] Values) : LabelSelector
{
    /// <inheritdoc/>
    protected override string ToExpression() => $"{Label} in ({string.Join(',', Values)})";
}

/// <summary>The label is absent or has none of the values.</summary>
/// <param name="Label">The label's name.</param>
/// <param name="Values">The values, at least one.</param>
public sealed record NotEqualsLabelSelector(string Label, params string[] Values) : LabelSelector
{
    /// <inheritdoc/>
    protected override string ToExpression() => $"{Label} notin ({string.Join(',', Values)})";
}

/// <summary>The object has the label, whatever its value.</summary>
/// <param name="Label">The label's name.</param>
public sealed record ExistsLabelSelector(string Label) : LabelSelector
{
    /// <inheritdoc/>
    protected override string ToExpression() => Label;
}

/// <summary>The object lacks the label.</summary>
/// <param name="Label">The label's name.</param>
public sealed record NotExistsLabelSelector(string Label) : LabelSelector
{
    /// <inheritdoc/>
    protected override string ToExpression() => $"!{Label}";
}
