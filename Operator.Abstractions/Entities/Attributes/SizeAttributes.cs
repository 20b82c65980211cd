namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Bounds the length of a string in characters; -1 stands for no bound.</summary>
/// <param name="minLength">The least length.</param>
/// <param name="maxLength">The greatest length.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LengthAttribute(long minLength = -1, long maxLength = -1) : Attribute
{
    /// <summary>The least length; null if unbounded.</summary>
    public long? MinLength => minLength == -1 ? null : minLength;

    /// <summary>The greatest length; null if unbounded.</summary>
    public long? MaxLength => maxLength == -1 ? null : maxLength;
}

/// <summary>Bounds the number of items of a list; -1 stands for no bound.</summary>
/// <param name="minItems">The least number.</param>
/// <param name="maxItems">The greatest number.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemsAttribute(long minItems = -1, long maxItems = -1) : Attribute
{
    /// <summary>The least number; null if unbounded.</summary>
    public long? MinItems => minItems == -1 ? null : minItems;

    /// <summary>The greatest number; null if unbounded.</summary>
    public long? MaxItems => maxItems == -1 ? null : maxItems;
}

/// <summary>Bounds the number of entries of a map or object; -1 stands for no bound.</summary>
/// <param name="minProperties">The least number.</param>
/// <param name="maxProperties">The greatest number.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PropertyLimitsAttribute(long minProperties = -1, long maxProperties = -1) : Attribute
{
    /// <summary>The least number; null if unbounded.</summary>
    public long? MinProperties => minProperties == -1 ? null : minProperties;

    /// <summary>The greatest number; null if unbounded.</summary>
    public long? MaxProperties => maxProperties == -1 ? null : maxProperties;
}
