using k8s.Models;

namespace KubeOps.Abstractions.Crds;

/// <summary>Shapes the CRDs that the installer installs.</summary>
public interface ICrdResourceFactory
{
    /// <summary>The CRDs of these entity classes.</summary>
    /// <param name="entityTypes">The classes.</param>
    IEnumerable<V1CustomResourceDefinition> CreateCustomResourceDefinitions(IReadOnlyCollection<Type> entityTypes);
}
