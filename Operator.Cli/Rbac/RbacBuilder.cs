using LlmKube.Operator.Cli.Assemblies;
using LlmKube.Operator.Cli.Commands;

namespace LlmKube.Operator.Cli.Rbac;

/// <summary>
/// Collects the rights of an operator from <c>[EntityRbac]</c> and <c>[GenericRbac]</c>: what they say and no more. A kind that has a status brings
/// the right to write it; but only if the assemblies themselves define it: the status of a foreign kind is for its own controller to write.
/// </summary>
internal static class RbacBuilder
{
    private const string EntityAttribute = "KubeOps.Abstractions.Rbac.EntityRbacAttribute";
    private const string GenericAttribute = "KubeOps.Abstractions.Rbac.GenericRbacAttribute";

    public static Rights Build(AssemblySet assemblies)
    {
        var own = EntityType.DefinedIn(assemblies).Select(e => e.CrdName).ToHashSet();
        var rights = new Rights();
        foreach (var type in assemblies.Types)
        {
            foreach (var attribute in type.All(EntityAttribute)) AddEntities(rights, attribute, own, type);
            foreach (var attribute in type.All(GenericAttribute)) AddGeneric(rights, attribute, type);
        }

        return rights;
    }

    /// <summary>The kinds that <c>[EntityRbac]</c> names, whoever defines them.</summary>
    public static IEnumerable<EntityType> Named(AssemblySet assemblies) =>
        assemblies.Types.SelectMany(type => type.All(EntityAttribute)).SelectMany(attribute => attribute.Values<Type>("entities")).Select(EntityType.Of).OfType<EntityType>();

    private static void AddEntities(Rights rights, AttributeView attribute, HashSet<string> own, Type on)
    {
        foreach (var entity in attribute.Values<Type>("entities"))
        {
            var kind = EntityType.Of(entity) ?? throw new CliException($"{on.FullName}: [EntityRbac] names {entity.Name}, which has no [KubernetesEntity]");
            rights.Add(kind.Group, kind.Plural, Flags(attribute, on));
            if (own.Contains(kind.CrdName) && kind.HasStatus) rights.Add(kind.Group, kind.Plural + "/status", Rights.Flag("update"));
        }
    }

    private static void AddGeneric(Rights rights, AttributeView attribute, Type on)
    {
        var flags = Flags(attribute, on);
        foreach (var field in new[] { "Groups", "Resources", "Urls" })
        {
            if (attribute.Values<string>(field).FirstOrDefault(v => v.Contains('*', StringComparison.Ordinal)) is { } wide) throw new CliException($"{on.FullName}: {field} of [GenericRbac] has the wildcard '{wide}'; name each one");
        }

        foreach (var url in attribute.Values<string>("Urls")) rights.AddUrl(url, flags);
        foreach (var resource in attribute.Values<string>("Resources"))
        {
            foreach (var group in attribute.Values<string>("Groups").DefaultIfEmpty(string.Empty)) rights.Add(group, resource, flags);
        }
    }

    private static int Flags(AttributeView attribute, Type on) =>
        attribute.Number("Verbs") is not 0 and var flags ? flags : throw new CliException($"{on.FullName}: an RBAC attribute names no verbs");
}
