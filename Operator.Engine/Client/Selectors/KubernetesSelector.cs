namespace KubeOps.KubernetesClient.Selectors;

/// <summary>One requirement that objects of a list or watch must meet.</summary>
public abstract record KubernetesSelector
{
    /// <summary>The requirement in the notation of the Kubernetes API.</summary>
    protected abstract string ToExpression();

    /// <inheritdoc cref="ToExpression"/>
    /// <param name="selector">The selector.</param>
    public static implicit operator string(KubernetesSelector selector) => selector.ToExpression();

    /// <inheritdoc/>
    public sealed override string ToString() => ToExpression();
}
