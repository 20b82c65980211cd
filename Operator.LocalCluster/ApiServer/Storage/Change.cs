using System.Collections.Immutable;

namespace LlmKube.Operator.LocalCluster.ApiServer.Storage;

/// <summary>One write in the history of a resource. Null before: created; null after: deleted.</summary>
/// <param name="Revision">The store's revision that this write made.</param>
/// <param name="Before">The version that was replaced or removed.</param>
/// <param name="After">The version that was written. For a deletion, the last content under the deletion's revision.</param>
/// <param name="Deleted">Whether the object is gone.</param>
/// <param name="Contents">All objects of the resource after this write.</param>
internal sealed record Change(long Revision, StoredObject? Before, StoredObject After, bool Deleted, ImmutableSortedSet<StoredObject> Contents);
