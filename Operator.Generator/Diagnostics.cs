using Microsoft.CodeAnalysis;

namespace LlmKube.Operator.Generator;

/// <summary>What the generator refuses or warns of. KOG001 and KOG002 are KubeOps' own numbers.</summary>
internal static class Diagnostics
{
    private const string Category = "KubeOps.Generator";

    public static readonly DiagnosticDescriptor BothSelectors = new(
        "KOG001",
        "A controller has a label selector and a field selector",
        "Controller '{0}' has [LabelSelector] and [FieldSelector]; a watch takes one of them, so take one away",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor SameRegistrations = new(
        "KOG002",
        "Two assemblies generate registrations of one name",
        "'{0}' of assembly '{1}' has the name of another generated class, so RegisterComponents leaves it out; "
        + "set the MSBuild property KubeOpsGeneratorNamespace in one of the two projects",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor SameIdentifier = new(
        "KOG003",
        "Two finalizers have one identifier",
        "Finalizers '{0}' and '{1}' both have the identifier '{2}' (identifiers end at 63 characters), so one would pass "
        + "for the other; rename one of the classes",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);
}
