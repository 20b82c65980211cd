namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Keeps fields that the schema doesn't name (<c>x-kubernetes-preserve-unknown-fields</c>).</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public sealed class PreserveUnknownFieldsAttribute : Attribute;

/// <summary>The value is a whole Kubernetes object (<c>x-kubernetes-embedded-resource</c>).</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EmbeddedResourceAttribute : Attribute;

/// <summary>No two items of the list are equal.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UniqueItemsAttribute : Attribute;

/// <summary>How server-side apply merges a list.</summary>
public enum XListType
{
    /// <summary>As one value: whoever sets it sets all of it.</summary>
    Atomic,

    /// <summary>As a set of scalars.</summary>
    Set,

    /// <summary>Item by item, told apart by <see cref="XListMapKeysAttribute"/>.</summary>
    Map,
}

/// <summary>Says how server-side apply merges the list (<c>x-kubernetes-list-type</c>).</summary>
/// <param name="listType">The way.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class XListTypeAttribute(XListType listType) : Attribute
{
    /// <summary>The way.</summary>
    public XListType ListType => listType;
}

/// <summary>The fields that tell the items of a list apart (<c>x-kubernetes-list-map-keys</c>).</summary>
/// <param name="keys">The fields' JSON names.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class XListMapKeysAttribute(params string[] keys) : Attribute
{
    /// <summary>The fields' JSON names.</summary>
    public string[] Keys => keys;
}

/// <summary>How server-side apply merges a map.</summary>
public enum XMapType
{
    /// <summary>Entry by entry.</summary>
    Granular,

    /// <summary>As one value.</summary>
    Atomic,
}

/// <summary>Says how server-side apply merges the map or object (<c>x-kubernetes-map-type</c>).</summary>
/// <param name="mapType">The way.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class XMapTypeAttribute(XMapType mapType) : Attribute
{
    /// <summary>The way.</summary>
    public XMapType MapType => mapType;
}
