using Microsoft.CodeAnalysis;

namespace LlmKube.Operator.Generator.Discovery;

/// <summary>Registrations that the generator wrote for a referenced assembly.</summary>
/// <param name="Assembly">The assembly's name.</param>
/// <param name="Controllers">The full name of its ControllerRegistrations; null for none.</param>
/// <param name="Finalizers">The full name of its FinalizerRegistrations; null for none.</param>
internal sealed record ReferencedRegistrations(string Assembly, string? Controllers, string? Finalizers);

/// <summary>What the references of a compilation add to it.</summary>
/// <param name="HasHost">Whether AddKubernetesOperator can be called, so that RegisterComponents makes sense.</param>
/// <param name="Registrations">The registrations of referenced assemblies, by assembly name.</param>
internal sealed record References(bool HasHost, EquatableArray<ReferencedRegistrations> Registrations)
{
    private const string Host = "KubeOps.Operator.ServiceCollectionExtensions";
    private const string Marker = "KubeOps.Abstractions.Builder.KubeOpsGeneratedRegistrationsAttribute";

    public static References Of(Compilation compilation, CancellationToken cancellation)
    {
        var found = new List<ReferencedRegistrations>();
        if (compilation.GetTypeByMetadataName(Marker) is { } marker)
        {
            foreach (var assembly in compilation.SourceModule.ReferencedAssemblySymbols)
            {
                cancellation.ThrowIfCancellationRequested();
                if (MayCarry(assembly, marker) && RegistrationsOf(assembly, marker) is { } registrations)
                {
                    found.Add(registrations);
                }
            }
        }

        return new References(
            compilation.GetTypeByMetadataName(Host) is not null,
            new(found.OrderBy(each => each.Assembly, StringComparer.Ordinal)));
    }

    // Most references are the framework's, and decoding their attributes on each edit would cost more than all the rest.
    private static bool MayCarry(IAssemblySymbol assembly, INamedTypeSymbol marker)
        => assembly.Modules.Any(module
            => module.ReferencedAssemblies.Any(reference => reference.Name == marker.ContainingAssembly.Name));

    private static ReferencedRegistrations? RegistrationsOf(IAssemblySymbol assembly, INamedTypeSymbol marker)
        => assembly.GetAttributes()
            .Where(a => SymbolEqualityComparer.Default.Equals(a.AttributeClass, marker))
            .Where(a => a.ConstructorArguments.Length == 2)
            .Select(a => new ReferencedRegistrations(
                assembly.Name, a.ConstructorArguments[0].Value as string, a.ConstructorArguments[1].Value as string))
            .FirstOrDefault();
}
