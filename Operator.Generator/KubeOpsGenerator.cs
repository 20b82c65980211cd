using LlmKube.Operator.Generator.Discovery;
using LlmKube.Operator.Generator.Emission;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace LlmKube.Operator.Generator;

/// <summary>
/// Writes what an operator's author would otherwise write by hand: the constructors of entities, and the registration of
/// every controller and finalizer. It reads symbols into small models that compare by value, so that an edit elsewhere
/// stops there and no output is written anew.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class KubeOpsGenerator : IIncrementalGenerator
{
    /// <inheritdoc />
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var declared = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                Entity.AttributeName,
                static (node, _) => node is ClassDeclarationSyntax or RecordDeclarationSyntax,
                static (attributed, _) => DeclaredEntity.From(attributed))
            .Where(static entity => entity is not null)
            .Collect()
            .Select(static (entities, _) => Sorted.Of(entities.OfType<DeclaredEntity>(), static e => e.Entity.FullName))
            .WithTrackingName(nameof(DeclaredEntity));

        var components = context.SyntaxProvider
            .CreateSyntaxProvider(
                static (node, _) => node is ClassDeclarationSyntax { BaseList: not null } or RecordDeclarationSyntax { BaseList: not null },
                static (candidate, cancellation) => Component.From(candidate, cancellation))
            .SelectMany(static (found, _) => found)
            .Collect()
            .Select(static (found, _) => Sorted.Of(found, static c => $"{c.Entity.FullName} {c.FullName} {c.Role}"))
            .WithTrackingName(nameof(Component));

        var conflicts = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                Component.LabelSelectorAttribute,
                static (_, _) => true,
                static (attributed, _) => SelectorConflict.From(attributed))
            .WithTrackingName(nameof(SelectorConflict));

        var references = context.CompilationProvider
            .Select(static (compilation, cancellation) => References.Of(compilation, cancellation))
            .WithTrackingName(nameof(References));

        var into = context.AnalyzerConfigOptionsProvider
            .Select(static (options, _) => GeneratedNamespace.Of(options))
            .WithTrackingName(nameof(GeneratedNamespace));

        context.RegisterSourceOutput(conflicts, static (production, conflict) =>
        {
            if (conflict is not null)
            {
                production.ReportDiagnostic(
                    Diagnostic.Create(Diagnostics.BothSelectors, conflict.Location, conflict.Controller));
            }
        });
        context.RegisterSourceOutput(
            declared.SelectMany(static (entities, _) => EntityConstructors.Plan(entities)), EntityConstructors.Write);
        context.RegisterSourceOutput(declared.Combine(into), EntityDefinitions.Write);
        context.RegisterSourceOutput(declared.Combine(components).Combine(into), EntityInitializers.Write);
        context.RegisterSourceOutput(components.Combine(into), ControllerRegistrations.Write);
        context.RegisterSourceOutput(components.Combine(into), FinalizerRegistrations.Write);
        context.RegisterSourceOutput(components.Combine(references).Combine(into), OperatorBuilder.Write);
    }
}
