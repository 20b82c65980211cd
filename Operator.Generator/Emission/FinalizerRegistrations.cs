using LlmKube.Operator.Generator.Discovery;

using Microsoft.CodeAnalysis;

namespace LlmKube.Operator.Generator.Emission;

/// <summary>Registers this compilation's finalizers and names their identifiers.</summary>
internal static class FinalizerRegistrations
{
    public const string ClassName = "FinalizerRegistrations";

    // EntityFinalizerExtensions.GetIdentifierName cuts at the same place.
    private const int MaxIdentifierLength = 63;

    public static void Write(SourceProductionContext context, (EquatableArray<Component> Components, string? Namespace) input)
    {
        var finalizers = input.Components.Where(c => c.Role == ComponentRole.Finalizer).ToList();
        if (finalizers.Count == 0)
        {
            return;
        }

        ReportSharedIdentifiers(context, finalizers);
        var named = MemberNames.Of(finalizers, f => f.Name, f => $"{f.FullName}_{f.Entity.FullName}").ToList();
        var constants = named.Select(
            f => $"public const string {f.Name}Identifier = {SourceText.Literal(IdentifierOf(f.Item))};");
        var registrations = named.Select(
            f => $"builder.AddFinalizer<{f.Item.FullName}, {f.Item.Entity.FullName}>({f.Name}Identifier);");

        context.Add(
            $"{ClassName}.g.cs",
            $$"""
            using KubeOps.Abstractions.Builder;

            {{SourceText.NamespaceLine(input.Namespace)}}public static class {{ClassName}}
            {
                {{SourceText.Lines(1, constants)}}

                public static IOperatorBuilder RegisterFinalizers(this IOperatorBuilder builder)
                {
                    {{SourceText.Lines(2, registrations)}}
                    return builder;
                }
            }
            """);
    }

    private static string IdentifierOf(Component finalizer)
    {
        var name = finalizer.Name.ToLowerInvariant();
        var suffix = name.EndsWith("finalizer", StringComparison.Ordinal) ? string.Empty : "finalizer";
        var identifier = $"{finalizer.Entity.Group}/{name}{suffix}".TrimStart('/');
        return identifier.Length > MaxIdentifierLength ? identifier.Substring(0, MaxIdentifierLength) : identifier;
    }

    // The same class for two kinds is fine: an object has one kind.
    private static void ReportSharedIdentifiers(SourceProductionContext context, List<Component> finalizers)
    {
        foreach (var sharing in finalizers.GroupBy(f => (f.Entity.FullName, IdentifierOf(f))).Where(g => g.Count() > 1))
        {
            context.ReportDiagnostic(Diagnostic.Create(
                Diagnostics.SameIdentifier,
                Location.None,
                sharing.First().FullName.Replace("global::", string.Empty),
                sharing.Last().FullName.Replace("global::", string.Empty),
                sharing.Key.Item2));
        }
    }
}
