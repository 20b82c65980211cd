namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Who applies what, when.</summary>
/// <param name="Manager">The field manager (fieldManager of the request).</param>
/// <param name="ApiVersion">The version the fields are written in, such as <c>apps/v1</c>.</param>
/// <param name="Now">The time an entry gets when its fields change.</param>
/// <param name="Force">Take over fields that others own instead of failing.</param>
/// <param name="Subresource">The subresource written to, such as <c>status</c>; null for the object itself.</param>
/// <param name="ResetFields">Paths that this endpoint doesn't write, such as <c>status</c> for the object itself; they are never owned through it.</param>
internal sealed record ApplyOptions(
    string Manager,
    string ApiVersion,
    DateTimeOffset Now,
    bool Force = false,
    string? Subresource = null,
    IReadOnlyList<string>? ResetFields = null);

/// <summary>Who updated what, when; see <see cref="ApplyOptions"/>.</summary>
internal sealed record ManagedFieldsOptions(
    string Manager,
    string ApiVersion,
    DateTimeOffset Now,
    string? Subresource = null,
    IReadOnlyList<string>? ResetFields = null);
