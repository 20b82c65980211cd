using LlmKube.Operator.Generator.Discovery;

using Microsoft.CodeAnalysis;

namespace LlmKube.Operator.Generator.Emission;

/// <summary>
/// RegisterComponents, which calls the registrations of this compilation and, flatly, those of each referenced assembly;
/// and the mark by which an assembly that references this one finds ours.
/// </summary>
internal static class OperatorBuilder
{
    public static void Write(
        SourceProductionContext context,
        ((EquatableArray<Component> Components, References References) Found, string? Namespace) input)
    {
        var (components, references) = input.Found;
        var controllers = OwnClass(components, ComponentRole.Controller, ControllerRegistrations.ClassName, input.Namespace);
        var finalizers = OwnClass(components, ComponentRole.Finalizer, FinalizerRegistrations.ClassName, input.Namespace);
        if (controllers is null && finalizers is null && references is { HasHost: false, Registrations.Count: 0 })
        {
            return;
        }

        var calls = new List<string>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        Call("this assembly", controllers, "RegisterControllers");
        Call("this assembly", finalizers, "RegisterFinalizers");
        foreach (var referenced in references.Registrations)
        {
            Call(referenced.Assembly, referenced.Controllers, "RegisterControllers");
            Call(referenced.Assembly, referenced.Finalizers, "RegisterFinalizers");
        }

        var mark = controllers is null && finalizers is null
            ? string.Empty
            : "[assembly: global::KubeOps.Abstractions.Builder.KubeOpsGeneratedRegistrations("
                + $"{SourceText.Literal(controllers)}, {SourceText.Literal(finalizers)})]\n\n";
        context.Add(
            "OperatorBuilder.g.cs",
            $$"""
            using KubeOps.Abstractions.Builder;

            {{mark}}{{SourceText.NamespaceLine(input.Namespace)}}internal static class OperatorBuilderExtensions
            {
                public static IOperatorBuilder RegisterComponents(this IOperatorBuilder builder)
                {
                    {{SourceText.Lines(2, [.. calls, "return builder;"])}}
                }
            }
            """);

        void Call(string assembly, string? className, string method)
        {
            if (className is null)
            {
                return;
            }

            if (taken.Add(className))
            {
                calls.Add($"global::{className}.{method}(builder);");
            }
            else
            {
                context.ReportDiagnostic(Diagnostic.Create(Diagnostics.SameRegistrations, Location.None, className, assembly));
            }
        }
    }

    private static string? OwnClass(
        EquatableArray<Component> components, ComponentRole role, string className, string? into)
        => components.All(c => c.Role != role) ? null : into is null ? className : $"{into}.{className}";
}
