using System.Collections.Immutable;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace LlmKube.Operator.Generator.Discovery;

internal enum ComponentRole
{
    Controller,
    Finalizer,
}

/// <summary>A controller or finalizer of this compilation.</summary>
/// <param name="Role">Which of the two.</param>
/// <param name="Name">The class name.</param>
/// <param name="FullName">The name that works everywhere, with <c>global::</c>.</param>
/// <param name="Entity">The kind that it looks after.</param>
/// <param name="LabelSelector">The full name of its label selector, if it has one.</param>
/// <param name="FieldSelector">The full name of its field selector, if it has one.</param>
internal sealed record Component(
    ComponentRole Role, string Name, string FullName, Entity Entity, string? LabelSelector, string? FieldSelector)
{
    public const string LabelSelectorAttribute = $"{Reconciliation}.Controller.LabelSelectorAttribute";
    public const string FieldSelectorAttribute = $"{Reconciliation}.Controller.FieldSelectorAttribute";

    private const string Reconciliation = "KubeOps.Abstractions.Reconciliation";

    /// <summary>What the class is, once for each kind that it looks after; nothing for most classes.</summary>
    public static ImmutableArray<Component> From(GeneratorSyntaxContext context, CancellationToken cancellation)
    {
        var declaration = (TypeDeclarationSyntax)context.Node;
        if (context.SemanticModel.GetDeclaredSymbol(declaration, cancellation) is not INamedTypeSymbol
            {
                IsAbstract: false, IsGenericType: false,
            } type)
        {
            return [];
        }

        return
        [
            .. from implemented in type.AllInterfaces
               where implemented.TypeArguments.Length == 1
               let role = RoleOf(implemented.OriginalDefinition.ToDisplayString())
               where role is not null
               let entity = implemented.TypeArguments[0] is INamedTypeSymbol argument ? Entity.From(argument) : null
               where entity is not null
               select new Component(
                   role.Value,
                   type.Name,
                   FullNameOf(type),
                   entity,
                   SelectorOf(type, LabelSelectorAttribute),
                   SelectorOf(type, FieldSelectorAttribute)),
        ];
    }

    private static ComponentRole? RoleOf(string definition) => definition switch
    {
        $"{Reconciliation}.Controller.IEntityController<TEntity>" => ComponentRole.Controller,
        $"{Reconciliation}.Finalizer.IEntityFinalizer<TEntity>" => ComponentRole.Finalizer,
        _ => null,
    };

    private static string? SelectorOf(INamedTypeSymbol type, string attributeName)
        => type.GetAttributes()
            .Where(a => a.AttributeClass?.ToDisplayString() == attributeName)
            .SelectMany(a => a.ConstructorArguments)
            .Select(argument => argument.Value)
            .OfType<ITypeSymbol>()
            .Select(FullNameOf)
            .FirstOrDefault();

    private static string FullNameOf(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
}
