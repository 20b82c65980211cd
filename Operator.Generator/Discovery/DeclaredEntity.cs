using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace LlmKube.Operator.Generator.Discovery;

/// <summary>An entity of this compilation.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Namespace">Its namespace; null for the global one.</param>
/// <param name="Declarations">How to open its class again, outermost class first, for example <c>partial class Model</c>.</param>
/// <param name="TakesConstructor">Whether a parameterless constructor can be added.</param>
internal sealed record DeclaredEntity(
    Entity Entity, string? Namespace, EquatableArray<string> Declarations, bool TakesConstructor)
{
    public static DeclaredEntity? From(GeneratorAttributeSyntaxContext context)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        if (type.IsGenericType)
        {
            return null;
        }

        var nesting = Nesting(type).Reverse().ToList();
        return new DeclaredEntity(
            Entity.From(type, context.Attributes[0]),
            type.ContainingNamespace.IsGlobalNamespace ? null : type.ContainingNamespace.ToDisplayString(),
            new(nesting.Select(each => $"partial {Keyword(each)} {each.Name}")),
            nesting.All(IsPartial) && !HasConstructor(type));
    }

    private static IEnumerable<INamedTypeSymbol> Nesting(INamedTypeSymbol type)
    {
        for (var each = type; each is not null; each = each.ContainingType)
        {
            yield return each;
        }
    }

    private static string Keyword(INamedTypeSymbol type) => type switch
    {
        { IsRecord: true, IsValueType: true } => "record struct",
        { IsRecord: true } => "record",
        { IsValueType: true } => "struct",
        { TypeKind: TypeKind.Interface } => "interface",
        _ => "class",
    };

    private static bool IsPartial(INamedTypeSymbol type)
        => Syntax(type).All(declaration => declaration.Modifiers.Any(SyntaxKind.PartialKeyword));

    // A primary constructor counts too: another constructor would have to call it.
    private static bool HasConstructor(INamedTypeSymbol type)
        => type.InstanceConstructors.Any(c => !c.IsImplicitlyDeclared && c.Parameters.IsEmpty)
            || Syntax(type).Any(declaration => declaration.ParameterList is not null);

    private static IEnumerable<TypeDeclarationSyntax> Syntax(INamedTypeSymbol type)
        => type.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax()).OfType<TypeDeclarationSyntax>();
}
