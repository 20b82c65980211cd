using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Server-side apply: merges what a manager wants into the live object and keeps the books on who owns which field.</summary>
internal static class ServerSideApply
{
    /// <summary>The fields of an object that has no books go to this manager before the first apply.</summary>
    private const string BeforeFirstApply = "before-first-apply";

    /// <returns>The object to store, not yet defaulted; see <see cref="ManagedFields.SameButForTimes"/> for one that changes nothing.</returns>
    /// <exception cref="ApplyConflictException">Others own fields that the apply would change, and it is not forced.</exception>
    /// <exception cref="InvalidApplyException">The applied object can't be read as its kind.</exception>
    public static JsonObject Apply(JsonObject? live, JsonObject applied, ApplyOptions options, Schema schema)
    {
        var shape = MergeShape.Resource(schema);
        AppliedObjectCheck.Check(applied, options, shape);
        var old = live is null ? OwnershipRules.Blank(applied, shape) : OwnershipRules.WithoutBooks(live);
        var book = ManagerBook.Read(live.At("metadata", "managedFields"))
            ?? throw new InvalidApplyException("failed to decode managed fields");
        if (book.IsEmpty)
        {
            var first = new ManagedFieldsOptions(BeforeFirstApply, options.ApiVersion, options.Now, options.Subresource, options.ResetFields);
            ManagedFields.Book(book, OwnershipRules.Blank(applied, shape), old, first, shape);
        }

        JsonObject result;
        try
        {
            result = Merge(old, applied, book, options, shape);
        }
        catch (ApplyConflictException conflict) when (options.Manager is LastApplied.Manager)
        {
            var rest = LastApplied.Remaining(conflict.Conflicts, old, shape);
            if (rest.Count > 0)
            {
                throw rest.Count == conflict.Conflicts.Count ? conflict : new ApplyConflictException(rest);
            }

            result = Merge(old, applied, book, options with { Force = true }, shape);
        }

        if (options.Manager is LastApplied.Manager)
        {
            LastApplied.Renew(result, applied);
        }

        return result;
    }

    private static JsonObject Merge(JsonObject live, JsonObject applied, ManagerBook opening, ApplyOptions options, Schema shape)
    {
        var book = opening.Copy();
        var manager = FieldManager.Applier(options.Manager, options.Subresource);
        var reset = OwnershipRules.ResetFields(options.Subresource, options.ResetFields, shape);
        var last = book[manager];
        var wanted = MentionedFields.Of(applied, shape).Without(reset);
        book[manager] = new(wanted, options.ApiVersion, last?.Time);

        var merged = StructuredMerge.Merge(live, applied, shape);
        if (last is not null)
        {
            merged = DropAbandoned(merged, last.Fields, book, shape);
        }

        var changes = FieldComparison.Between(live, merged, shape).Without(reset);
        var conflicts = OwnershipRules.Conflicts(book, manager, changes);
        if (conflicts.Count > 0 && !options.Force)
        {
            throw new ApplyConflictException([.. conflicts.SelectMany(conflict => conflict.Fields.Paths()
                .Select(path => new ApplyConflict(conflict.Manager.ToString(), string.Concat(path))))]);
        }

        OwnershipRules.Take(book, manager, changes);
        if (book[manager] is { } own)
        {
            var time = JsonNodes.Same(live, merged) ? last?.Time : options.Now;
            book[manager] = own with { Fields = OwnershipRules.Ownable(own.Fields), Time = time };
        }

        return OwnershipRules.WithBooks(merged, book);
    }

    // What this manager applied last time and doesn't any more goes, unless somebody else (or its new set) owns it.
    private static JsonObject DropAbandoned(JsonObject merged, FieldSet last, ManagerBook book, Schema shape)
    {
        var before = last.WithNamedFields(shape);
        var all = MentionedFields.Of(merged, shape).WithNamedFields(shape);
        var owned = book.Entries.Values.Aggregate(new FieldSet(), (fields, entry) => fields.Union(entry.Fields)).WithNamedFields(shape);

        var pruned = FieldRemoval.Remove(merged, before, shape);
        var kept = MentionedFields.Of(pruned, shape).WithNamedFields(shape).Union(owned);
        pruned = FieldRemoval.Remove(merged, all.Difference(kept), shape);

        // Only what was this manager's may go, not what merely lay beside or below it.
        var rest = MentionedFields.Of(pruned, shape).WithNamedFields(shape);
        return FieldRemoval.Remove(merged, all.Difference(rest).Intersection(before), shape);
    }
}
