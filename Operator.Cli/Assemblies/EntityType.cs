using LlmKube.Operator.Cli.Commands;

namespace LlmKube.Operator.Cli.Assemblies;

/// <summary>A class that stands for a kind of the Kubernetes API.</summary>
internal sealed record EntityType(Type Type, string Group, string Version, string Kind, string Plural)
{
    private const string EntityAttribute = "k8s.Models.KubernetesEntityAttribute";
    private const string KubernetesObject = "k8s.IKubernetesObject`1";

    /// <summary>As in <c>models.inference.llmkube.dev</c>.</summary>
    public string CrdName => $"{Plural}.{Group}";

    /// <summary>As <c>kubectl get</c> takes it for one object.</summary>
#pragma warning disable CA1308 // Kubernetes' names are in lower case.
    public string Singular => Kind.ToLowerInvariant();
#pragma warning restore CA1308

    public bool IsClusterScoped => Type.SchemaAttribute("EntityScope")?.Number("scope") is 1;

    public bool HasScale => Type.SchemaAttribute("ScaleSubresource") is not null;

    public bool HasStatus => Type.GetProperties().Any(p => p.Name == "Status");

    /// <summary>The kinds that the assemblies define, those marked with <c>[Ignore]</c> left out.</summary>
    public static IReadOnlyList<EntityType> DefinedIn(AssemblySet assemblies) =>
        [.. assemblies.Types.Where(t => t is { IsClass: true, IsAbstract: false } && t.SchemaAttribute("Ignore") is null).Select(Of).OfType<EntityType>()];

    /// <summary>What a class says of its kind; null if it stands for none.</summary>
    public static EntityType? Of(Type type)
    {
        if (type.One(EntityAttribute) is not { } entity || !IsKubernetesObject(type)) return null;

        var kind = NonEmpty(entity.Value<string>("Kind")) ?? throw new CliException($"{type.FullName}: [KubernetesEntity] names no Kind");
        var version = NonEmpty(entity.Value<string>("ApiVersion")) ?? throw new CliException($"{type.FullName}: [KubernetesEntity] names no ApiVersion");
        var plural = NonEmpty(entity.Value<string>("PluralName")) ?? kind + "s";
#pragma warning disable CA1308 // Kubernetes' names are in lower case.
        return new EntityType(type, entity.Value<string>("Group") ?? string.Empty, version, kind, plural.ToLowerInvariant());
#pragma warning restore CA1308
    }

    public static bool IsKubernetesObject(Type type) =>
        type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition().FullName == KubernetesObject);

    private static string? NonEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
