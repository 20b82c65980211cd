using System.Collections.Immutable;

namespace LlmKube.Operator.LocalCluster.ApiServer.Storage;

/// <summary>All objects of a resource at one revision.</summary>
internal sealed record Snapshot(long Revision, ImmutableSortedSet<StoredObject> Contents)
{
    /// <summary>The objects of a namespace (all if empty), in the order of keys, from after a key on.</summary>
    public IEnumerable<StoredObject> From(string @namespace, string after)
    {
        var prefix = @namespace.Length == 0 ? "" : $"{@namespace}/";
        var start = string.CompareOrdinal(after, prefix) > 0 ? after : prefix;
        var found = start.Length == 0 ? 0 : Contents.IndexOf(StoredObject.Probe(start));
        var index = found >= 0 ? found : ~found;
        if (found >= 0 && start.Length > 0) index++;
        for (; index < Contents.Count; index++)
        {
            var stored = Contents[index];
            if (!stored.Key.StartsWith(prefix, StringComparison.Ordinal)) yield break;
            yield return stored;
        }
    }
}
