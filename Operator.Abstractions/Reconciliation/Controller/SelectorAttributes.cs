namespace KubeOps.Abstractions.Reconciliation.Controller;

/// <summary>The label selector of a controller's watch; the generated registration uses it.</summary>
/// <param name="selectorType">An <c>IEntityLabelSelector</c> of the controller's kind.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class LabelSelectorAttribute(Type selectorType) : Attribute
{
    /// <summary>An <c>IEntityLabelSelector</c> of the controller's kind.</summary>
    public Type SelectorType => selectorType;
}

/// <summary>The field selector of a controller's watch; the generated registration uses it.</summary>
/// <param name="selectorType">An <c>IEntityFieldSelector</c> of the controller's kind.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class FieldSelectorAttribute(Type selectorType) : Attribute
{
    /// <summary>An <c>IEntityFieldSelector</c> of the controller's kind.</summary>
    public Type SelectorType => selectorType;
}
