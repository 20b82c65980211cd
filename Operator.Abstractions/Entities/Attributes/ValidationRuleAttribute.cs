namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>A CEL rule that the API server checks (<c>x-kubernetes-validations</c>).</summary>
/// <param name="rule">The expression; <c>self</c> is the annotated value.</param>
/// <param name="fieldPath">The field that a failure names, relative to the annotated value.</param>
/// <param name="message">What the user reads on failure.</param>
/// <param name="messageExpression">A CEL expression that makes the message; goes before <paramref name="message"/>.</param>
/// <param name="reason">The machine-readable reason, for example <c>FieldValueForbidden</c>.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class, AllowMultiple = true)]
public sealed class ValidationRuleAttribute(
    string rule,
    string? fieldPath = null,
    string? message = null,
    string? messageExpression = null,
    string? reason = null) : Attribute
{
    /// <summary>The expression.</summary>
    public string Rule => rule;

    /// <summary>The field that a failure names.</summary>
    public string? FieldPath => fieldPath;

    /// <summary>What the user reads on failure.</summary>
    public string? Message => message;

    /// <summary>A CEL expression that makes the message.</summary>
    public string? MessageExpression => messageExpression;

    /// <summary>The machine-readable reason.</summary>
    public string? Reason => reason;
}
