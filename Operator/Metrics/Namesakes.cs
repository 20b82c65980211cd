using k8s.Models;

namespace LlmKube.Operator.Metrics;

/// <summary>
/// Which object of a name the series are of: the newest that was met. What is said late of an earlier one must not take them away, and what it
/// left must not be added to them. Not thread-safe.
/// </summary>
internal sealed class Namesakes
{
    private readonly Dictionary<(string Namespace, string Name), string> _newest = [];

    /// <summary>Takes note of an object.</summary>
    /// <returns>True if it has come in the place of another one.</returns>
    public bool Replaces(V1ObjectMeta met)
    {
        var isReplaced = IsAnother(met);
        _newest[KeyOf(met)] = met.Uid;
        return isReplaced;
    }

    /// <summary>An object is gone.</summary>
    /// <returns>False if its name is another one's by now.</returns>
    public bool Forget(V1ObjectMeta gone)
    {
        if (IsAnother(gone)) return false;
        _newest.Remove(KeyOf(gone));
        return true;
    }

    /// <summary>True if a namespace has objects.</summary>
    public bool AnyIn(string @namespace) => _newest.Keys.Any(k => k.Namespace == @namespace);

    private bool IsAnother(V1ObjectMeta one) => _newest.TryGetValue(KeyOf(one), out var uid) && uid != one.Uid;

    private static (string Namespace, string Name) KeyOf(V1ObjectMeta one) => (one.NamespaceProperty, one.Name);
}
