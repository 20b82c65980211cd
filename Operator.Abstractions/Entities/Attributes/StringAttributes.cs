namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Allows only strings that match.</summary>
/// <param name="regexPattern">A regular expression as the API server reads it (Go's RE2; not anchored by itself).</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PatternAttribute(string regexPattern) : Attribute
{
    /// <summary>The regular expression.</summary>
    public string RegexPattern => regexPattern;
}

/// <summary>Overrides the schema's format.</summary>
/// <param name="format">The format, for example <c>date-time</c>; null takes away the one that the type gives.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FormatAttribute(string? format) : Attribute
{
    /// <summary>The format; null takes away the one that the type gives.</summary>
    public string? Format => format;
}
