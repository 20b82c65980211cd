using LlmKube.Operator.Generator.Discovery;

using Microsoft.CodeAnalysis;

namespace LlmKube.Operator.Generator.Emission;

/// <summary>A table of this compilation's kinds.</summary>
internal static class EntityDefinitions
{
    public static void Write(
        SourceProductionContext context, (EquatableArray<DeclaredEntity> Entities, string? Namespace) input)
    {
        if (input.Entities.Count == 0)
        {
            return;
        }

        var fields =
            from named in MemberNames.Of(input.Entities, e => e.Entity.Name, e => e.Entity.FullName)
            let entity = named.Item.Entity
            let arguments = string.Join(
                ", ", new[] { entity.Kind, entity.Version, entity.Group, entity.Plural }.Select(SourceText.Literal))
            select $"public static readonly EntityMetadata {named.Name} = new({arguments});";

        context.Add(
            "EntityDefinitions.g.cs",
            $$"""
            using KubeOps.Abstractions.Entities;

            {{SourceText.NamespaceLine(input.Namespace)}}public static class EntityDefinitions
            {
                {{SourceText.Lines(1, fields)}}
            }
            """);
    }
}
