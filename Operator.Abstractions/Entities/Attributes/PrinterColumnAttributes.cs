namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Shows the property as a column of <c>kubectl get</c>.</summary>
/// <param name="priority">When the column is shown.</param>
/// <param name="name">The column's heading; null takes the property's name.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AdditionalPrinterColumnAttribute(PrinterColumnPriority priority = default, string? name = null) : Attribute
{
    /// <summary>When the column is shown.</summary>
    public PrinterColumnPriority Priority => priority;

    /// <summary>The column's heading; null takes the property's name.</summary>
    public string? Name => name;
}

/// <summary>Adds a column of <c>kubectl get</c> by JSON path.</summary>
/// <param name="jsonPath">Where the value stands, for example <c>.metadata.creationTimestamp</c>.</param>
/// <param name="name">The column's heading.</param>
/// <param name="type">The OpenAPI type, for example <c>string</c>, <c>integer</c> or <c>date</c>.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class GenericAdditionalPrinterColumnAttribute(string jsonPath, string name, string type) : Attribute
{
    /// <summary>Where the value stands.</summary>
    public string JsonPath => jsonPath;

    /// <summary>The column's heading.</summary>
    public string Name => name;

    /// <summary>The OpenAPI type.</summary>
    public string Type => type;

    /// <summary>What the column means.</summary>
    public string? Description { get; init; }

    /// <summary>The OpenAPI format.</summary>
    public string? Format { get; init; }

    /// <summary>When the column is shown.</summary>
    public PrinterColumnPriority Priority { get; init; }
}
