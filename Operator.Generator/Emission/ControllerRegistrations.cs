using LlmKube.Operator.Generator.Discovery;

using Microsoft.CodeAnalysis;

namespace LlmKube.Operator.Generator.Emission;

/// <summary>Registers this compilation's controllers, each with its selector.</summary>
internal static class ControllerRegistrations
{
    public const string ClassName = "ControllerRegistrations";

    public static void Write(SourceProductionContext context, (EquatableArray<Component> Components, string? Namespace) input)
    {
        var controllers = input.Components.Where(c => c.Role == ComponentRole.Controller).ToList();
        if (controllers.Count == 0)
        {
            return;
        }

        context.Add(
            $"{ClassName}.g.cs",
            $$"""
            using KubeOps.Abstractions.Builder;

            {{SourceText.NamespaceLine(input.Namespace)}}public static class {{ClassName}}
            {
                public static IOperatorBuilder RegisterControllers(this IOperatorBuilder builder)
                {
                    {{SourceText.Lines(2, controllers.Select(Registration))}}
                    return builder;
                }
            }
            """);
    }

    private static string Registration(Component controller) => controller switch
    {
        { LabelSelector: { } selector } =>
            $"builder.AddControllerWithLabelSelector<{controller.FullName}, {controller.Entity.FullName}, {selector}>();",
        { FieldSelector: { } selector } =>
            $"builder.AddControllerWithFieldSelector<{controller.FullName}, {controller.Entity.FullName}, {selector}>();",
        _ => $"builder.AddController<{controller.FullName}, {controller.Entity.FullName}>();",
    };
}
