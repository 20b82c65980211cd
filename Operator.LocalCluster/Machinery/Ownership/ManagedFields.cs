using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>The books on who owns which field (metadata.managedFields).</summary>
internal static class ManagedFields
{
    /// <summary>
    /// Books a create (no <paramref name="before"/>), update or patch: changed fields go to the manager and leave all others,
    /// removed ones leave everybody. Books that the client sends replace the old ones, an empty list wipes them, and an object
    /// without books stays without.
    /// </summary>
    /// <returns>A copy of <paramref name="after"/> with its books.</returns>
    public static JsonObject TrackUpdate(JsonObject? before, JsonObject after, ManagedFieldsOptions options, Schema schema)
    {
        var shape = MergeShape.Resource(schema);
        var result = OwnershipRules.WithoutBooks(after);
        var book = Opening(before, after, options.Subresource);
        if (before is not null && book.IsEmpty)
        {
            return result;
        }

        var old = before is null ? OwnershipRules.Blank(after, shape) : OwnershipRules.WithoutBooks(before);
        Book(book, old, result, options, shape);
        return OwnershipRules.WithBooks(result, book);
    }

    /// <summary>
    /// Whether two versions say the same; when fields were last booked doesn't count. Asked when everything else has been done to the
    /// new version, defaults included: if so, nothing is to be written.
    /// </summary>
    public static bool SameButForTimes(JsonObject before, JsonObject after) => SameBut("", before, after, (name, was, now) => name is "metadata"
        ? SameBut("resourceVersion", was, now, (field, old, @new) => field is "managedFields" ? SameEntries(old, @new) : JsonNodes.Same(old, @new))
        : JsonNodes.Same(was, now));

    internal static void Book(ManagerBook book, JsonObject before, JsonObject after, ManagedFieldsOptions options, Schema shape)
    {
        var reset = OwnershipRules.ResetFields(options.Subresource, options.ResetFields, shape);
        var changes = FieldComparison.Between(before, after, shape).Without(reset);
        OwnershipRules.Take(book, null, changes);
        var gained = OwnershipRules.Ownable(changes.Modified.Union(changes.Added));
        if (!gained.IsEmpty)
        {
            var manager = FieldManager.Updater(options.Manager, options.ApiVersion, options.Subresource);
            var owned = book[manager]?.Fields ?? new();
            book[manager] = new(gained.Union(owned), options.ApiVersion, options.Now);
        }

        book.CapUpdaters();
    }

    private static ManagerBook Opening(JsonObject? before, JsonObject after, string? subresource)
    {
        var old = ManagerBook.Read(before.At("metadata", "managedFields")) ?? new();
        var sent = after.At("metadata", "managedFields");
        if (subresource is not null)
        {
            return old;
        }

        if (sent is JsonArray { Count: 0 } or JsonArray { Count: 1 } && sent.AsArray().All(entry => entry is JsonObject { Count: 0 }))
        {
            return new();
        }

        return ManagerBook.Read(sent) is { IsEmpty: false } given ? given : old;
    }

    private static bool SameEntries(JsonNode? before, JsonNode? after) => before is JsonArray was && after is JsonArray now
        ? was.Count == now.Count && was.Zip(now).All(entry => SameBut("time", entry.First, entry.Second, (_, old, @new) => JsonNodes.Same(old, @new)))
        : JsonNodes.Same(before, after);

    // Two documents are compared on every write; copies without what doesn't count would cost more than all that follows.
    private static bool SameBut(string field, JsonNode? before, JsonNode? after, Func<string, JsonNode?, JsonNode?, bool> same)
    {
        if (before is not JsonObject was || after is not JsonObject now) return JsonNodes.Same(before, after);
        return Count(was) == Count(now) && was.All(f => f.Key == field || (now.TryGetPropertyValue(f.Key, out var other) && same(f.Key, f.Value, other)));

        int Count(JsonObject of) => of.Count - (of.ContainsKey(field) ? 1 : 0);
    }
}
