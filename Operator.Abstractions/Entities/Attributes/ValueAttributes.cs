namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Makes the property mandatory (on a class: every property of that type).</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public sealed class RequiredAttribute : Attribute;

/// <summary>The only values that are allowed.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EnumValuesAttribute : Attribute
{
    /// <summary>Allows these strings.</summary>
    /// <param name="values">The strings.</param>
    public EnumValuesAttribute(params string[] values) => Values = values;

    /// <summary>Allows these integers.</summary>
    /// <param name="values">The integers.</param>
    public EnumValuesAttribute(params long[] values) => Values = [.. values];

    /// <summary>Allows these numbers.</summary>
    /// <param name="values">The numbers.</param>
    public EnumValuesAttribute(params double[] values) => Values = [.. values];

    /// <summary>The allowed values: all string, all long, or all double.</summary>
    public IReadOnlyList<object> Values { get; }
}

/// <summary>What the API server fills in where the user says nothing.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public sealed class DefaultValueAttribute : Attribute
{
    /// <summary>A truth value.</summary>
    /// <param name="value">The default.</param>
    public DefaultValueAttribute(bool value) => Value = value;

    /// <summary>An integer.</summary>
    /// <param name="value">The default.</param>
    public DefaultValueAttribute(long value) => Value = value;

    /// <summary>A number.</summary>
    /// <param name="value">The default.</param>
    public DefaultValueAttribute(double value) => Value = value;

    /// <summary>A string, or any JSON value if <see cref="Json"/> is set.</summary>
    /// <param name="value">The default.</param>
    public DefaultValueAttribute(string value) => Value = value;

    /// <summary>Whether the string is the JSON text of an object, list or other value.</summary>
    public bool Json { get; init; }

    /// <summary>The default: bool, long, double or string.</summary>
    public object Value { get; }
}

/// <summary>A value that shows the reader what belongs there.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExampleAttribute : Attribute
{
    /// <summary>A truth value.</summary>
    /// <param name="value">The example.</param>
    public ExampleAttribute(bool value) => Value = value;

    /// <summary>An integer.</summary>
    /// <param name="value">The example.</param>
    public ExampleAttribute(long value) => Value = value;

    /// <summary>A number.</summary>
    /// <param name="value">The example.</param>
    public ExampleAttribute(double value) => Value = value;

    /// <summary>A string, or any JSON value if <see cref="Json"/> is set.</summary>
    /// <param name="value">The example.</param>
    public ExampleAttribute(string value) => Value = value;

    /// <summary>Whether the string is the JSON text of an object, list or other value.</summary>
    public bool Json { get; init; }

    /// <summary>The example: bool, long, double or string.</summary>
    public object Value { get; }
}
