using k8s.Models;
using LlmKube.Operator.Engine.Selecting;

namespace LlmKube.Operator.Engine.Informers;

/// <summary>What an informer watches of its kind. Informers of one kind and scope are one.</summary>
/// <param name="Namespace">The namespace; null for all.</param>
/// <param name="LabelSelector">Restricts by labels.</param>
/// <param name="FieldSelector">Restricts by fields.</param>
internal sealed record InformerScope(string? Namespace = null, string? LabelSelector = null, string? FieldSelector = null)
{
    /// <summary>Whether nothing of the namespace is left out.</summary>
    public bool IsUnfiltered => string.IsNullOrEmpty(LabelSelector) && string.IsNullOrEmpty(FieldSelector);

    /// <summary>Whether the labels of an object are in scope. What can't be told here is.</summary>
    public bool Admits(V1ObjectMeta metadata) =>
        (Namespace is null || metadata.NamespaceProperty == Namespace)
        && (!LabelExpression.TryParse(LabelSelector, out var labels) || labels.Matches(metadata.Labels));
}
