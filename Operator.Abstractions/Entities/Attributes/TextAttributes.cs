namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>The text that <c>kubectl explain</c> shows.</summary>
/// <param name="description">The text.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public sealed class DescriptionAttribute(string description) : Attribute
{
    /// <summary>The text.</summary>
    public string Description => description;
}

/// <summary>The schema's title.</summary>
/// <param name="title">The text.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public sealed class TitleAttribute(string title) : Attribute
{
    /// <summary>The text.</summary>
    public string Title => title;
}

/// <summary>Points to a page about the property.</summary>
/// <param name="url">The page.</param>
/// <param name="description">What it says.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExternalDocsAttribute(string url, string? description = null) : Attribute
{
    /// <summary>The page.</summary>
    public string Url => url;

    /// <summary>What it says.</summary>
    public string? Description => description;
}
