using System.Collections.Immutable;

namespace LlmKube.Operator.LocalCluster.ApiServer.Registry;

/// <summary>Everything that is served now: the built-in resources, and those of the CustomResourceDefinitions as they come and go.</summary>
internal sealed class ResourceRegistry
{
    private readonly Lock _gate = new();
    private ImmutableDictionary<string, ImmutableList<ResourceDefinition>> _custom = ImmutableDictionary<string, ImmutableList<ResourceDefinition>>.Empty;

    /// <summary>The built-in resources first, then the custom ones by group.</summary>
    public IEnumerable<ResourceDefinition> All => BuiltInResources.All.Concat(_custom.OrderBy(c => c.Key, StringComparer.Ordinal).SelectMany(c => c.Value));

    public ResourceDefinition? Find(string group, string version, string plural) =>
        All.FirstOrDefault(r => r.Plural == plural && r.Group == group && r.Version == version);

    /// <summary>One of the versions of a custom resource; which one makes no difference to what is stored.</summary>
    public IReadOnlyList<ResourceDefinition> Custom(string definition) => _custom.TryGetValue(definition, out var versions) ? versions : [];

    /// <summary>Serves a definition's versions, replacing those it had; none removes it.</summary>
    public void Serve(string definition, IEnumerable<ResourceDefinition> versions)
    {
        lock (_gate)
        {
            var list = versions.ToImmutableList();
            _custom = list.Count == 0 ? _custom.Remove(definition) : _custom.SetItem(definition, list);
        }
    }
}
