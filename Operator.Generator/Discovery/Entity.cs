using Microsoft.CodeAnalysis;

namespace LlmKube.Operator.Generator.Discovery;

/// <summary>A class with <c>[KubernetesEntity]</c>, as far as the generated code depends on it.</summary>
/// <param name="Name">The class name.</param>
/// <param name="FullName">The name that works everywhere, with <c>global::</c>.</param>
/// <param name="Kind">The attribute's kind; the class name where it says none.</param>
/// <param name="Version">The attribute's version; v1 where it says none.</param>
/// <param name="Group">The attribute's group; empty for the core group.</param>
/// <param name="Plural">The attribute's plural; null where it says none.</param>
internal sealed record Entity(string Name, string FullName, string Kind, string Version, string? Group, string? Plural)
{
    public const string AttributeName = "k8s.Models.KubernetesEntityAttribute";

    /// <summary>What stands in <c>apiVersion</c>.</summary>
    public string ApiVersion => string.IsNullOrEmpty(Group) ? Version : $"{Group}/{Version}";

    /// <summary>The entity that the class is, or null if it is none.</summary>
    public static Entity? From(INamedTypeSymbol type)
        => type.GetAttributes().FirstOrDefault(a => a.AttributeClass?.ToDisplayString() == AttributeName) is { } attribute
            ? From(type, attribute)
            : null;

    public static Entity From(INamedTypeSymbol type, AttributeData attribute) => new(
        type.Name,
        type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
        Text(attribute, "Kind") ?? type.Name,
        Text(attribute, "ApiVersion") ?? "v1",
        Text(attribute, "Group"),
        Text(attribute, "PluralName"));

    private static string? Text(AttributeData attribute, string name)
        => attribute.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value.Value as string;
}
