using LlmKube.Operator.Generator.Discovery;

using Microsoft.CodeAnalysis;

namespace LlmKube.Operator.Generator.Emission;

/// <summary>The file that one entity's constructor goes into.</summary>
internal sealed record EntityConstructor(DeclaredEntity Declared, string FileName);

/// <summary>
/// A constructor for each partial entity that has none, so that a new object has its apiVersion and kind. One file each,
/// so that an edit of one entity writes one file.
/// </summary>
internal static class EntityConstructors
{
    public static IEnumerable<EntityConstructor> Plan(EquatableArray<DeclaredEntity> entities)
        => MemberNames
            .Of(entities.Where(e => e.TakesConstructor).ToList(), e => e.Entity.Name, e => e.Entity.FullName)
            .Select(named => new EntityConstructor(named.Item, $"{named.Name}.init.g.cs"));

    public static void Write(SourceProductionContext context, EntityConstructor constructor)
    {
        var entity = constructor.Declared.Entity;
        var body =
            $$"""
            public {{entity.Name}}()
            {
                ApiVersion = {{SourceText.Literal(entity.ApiVersion)}};
                Kind = {{SourceText.Literal(entity.Kind)}};
            }
            """;

        var source = constructor.Declared.Declarations.Reverse().Aggregate(body, Enclose);
        context.Add(constructor.FileName, SourceText.NamespaceLine(constructor.Declared.Namespace) + source);
    }

    private static string Enclose(string body, string declaration)
        => $$"""
            {{declaration}}
            {
                {{SourceText.Lines(1, body.Split('\n'))}}
            }
            """;
}
