namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>The least number that is allowed.</summary>
/// <param name="minimum">The bound.</param>
/// <param name="exclusiveMinimum">Whether the bound itself is forbidden.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RangeMinimumAttribute(double minimum, bool exclusiveMinimum = false) : Attribute
{
    /// <summary>The bound.</summary>
    public double Minimum => minimum;

    /// <summary>Whether the bound itself is forbidden.</summary>
    public bool ExclusiveMinimum => exclusiveMinimum;
}

/// <summary>The greatest number that is allowed.</summary>
/// <param name="maximum">The bound.</param>
/// <param name="exclusiveMaximum">Whether the bound itself is forbidden.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RangeMaximumAttribute(double maximum, bool exclusiveMaximum = false) : Attribute
{
    /// <summary>The bound.</summary>
    public double Maximum => maximum;

    /// <summary>Whether the bound itself is forbidden.</summary>
    public bool ExclusiveMaximum => exclusiveMaximum;
}

/// <summary>Allows only multiples of a number.</summary>
/// <param name="value">The number.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MultipleOfAttribute(double value) : Attribute
{
    /// <summary>The number.</summary>
    public double Value => value;
}
