using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace LlmKube.Operator.Generator.Discovery;

/// <summary>
/// A controller with both selector attributes. Only this model knows its place in the file: in another one, the place
/// would make each line added above a change.
/// </summary>
internal sealed record SelectorConflict(string Controller, string Path, TextSpan Span, LinePositionSpan Lines)
{
    public Location Location => Location.Create(Path, Span, Lines);

    public static SelectorConflict? From(GeneratorAttributeSyntaxContext context)
    {
        var conflicting = context.TargetSymbol.GetAttributes()
            .Any(a => a.AttributeClass?.ToDisplayString() == Component.FieldSelectorAttribute);
        return conflicting && context.TargetSymbol.Locations.FirstOrDefault() is { } at
            ? new(context.TargetSymbol.ToDisplayString(), at.SourceTree?.FilePath ?? "", at.SourceSpan, at.GetLineSpan().Span)
            : null;
    }
}
