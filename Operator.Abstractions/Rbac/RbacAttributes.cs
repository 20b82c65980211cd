namespace KubeOps.Abstractions.Rbac;

/// <summary>A permission that the annotated class needs.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public abstract class RbacAttribute : Attribute;

/// <summary>A permission on kinds, named by their classes.</summary>
/// <param name="entities">The classes.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class EntityRbacAttribute(params Type[] entities) : RbacAttribute
{
    /// <summary>The classes.</summary>
    public IEnumerable<Type> Entities => entities;

    /// <summary>What may be done.</summary>
    public RbacVerb Verbs { get; init; }
}

/// <summary>A permission on resources or URLs, named in words.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class GenericRbacAttribute : RbacAttribute
{
    /// <summary>The API groups; the empty string is the core group.</summary>
    public string[] Groups { get; init; } = [];

    /// <summary>The resources, in the plural, with subresources after a slash.</summary>
    public string[] Resources { get; init; } = [];

    /// <summary>Paths that are no resources, for example <c>/metrics</c>.</summary>
    public string[] Urls { get; init; } = [];

    /// <summary>What may be done.</summary>
    public RbacVerb Verbs { get; init; }
}
