using LlmKube.Operator.Generator.Discovery;

using Microsoft.CodeAnalysis;

namespace LlmKube.Operator.Generator.Emission;

/// <summary>
/// An Initialize method that sets apiVersion and kind, for the entities whose constructor can't: those that write their
/// own, those that aren't partial, and those of other assemblies that a component here looks after.
/// </summary>
internal static class EntityInitializers
{
    public static void Write(
        SourceProductionContext context,
        ((EquatableArray<DeclaredEntity> Declared, EquatableArray<Component> Components) Found, string? Namespace) input)
    {
        var (declared, components) = input.Found;
        var here = new HashSet<string>(declared.Select(e => e.Entity.FullName));
        var entities = Sorted.Of(
            declared.Where(e => !e.TakesConstructor).Select(e => e.Entity)
                .Concat(components.Select(c => c.Entity).Where(e => !here.Contains(e.FullName))),
            e => e.FullName);
        if (entities.Count == 0)
        {
            return;
        }

        var methods = entities.Select(entity =>
            $$"""
            public static {{entity.FullName}} Initialize(this {{entity.FullName}} entity)
            {
                entity.ApiVersion = {{SourceText.Literal(entity.ApiVersion)}};
                entity.Kind = {{SourceText.Literal(entity.Kind)}};
                return entity;
            }
            """.Split('\n')).Aggregate((before, next) => [.. before, string.Empty, .. next]);

        context.Add(
            "EntityInitializer.g.cs",
            $$"""
            {{SourceText.NamespaceLine(input.Namespace)}}internal static class EntityInitializer
            {
                {{SourceText.Lines(1, methods)}}
            }
            """);
    }
}
