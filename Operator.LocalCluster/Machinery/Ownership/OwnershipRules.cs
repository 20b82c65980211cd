using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>The bookkeeping that applies and updates share.</summary>
internal static class OwnershipRules
{
    // Nobody owns what identifies an object or what the server fills in.
    private static readonly FieldSet Nobodys = FieldSet.Of(
        ["apiVersion"],
        ["kind"],
        ["metadata"],
        ["metadata", "name"],
        ["metadata", "namespace"],
        ["metadata", "creationTimestamp"],
        ["metadata", "selfLink"],
        ["metadata", "uid"],
        ["metadata", "clusterName"],
        ["metadata", "generation"],
        ["metadata", "managedFields"],
        ["metadata", "resourceVersion"]);

    public static FieldSet Ownable(FieldSet fields) => fields.Difference(Nobodys);

    /// <summary>The fields that an endpoint doesn't write: the status of an object that has one apart, everything else for the status itself.</summary>
    public static FieldSet ResetFields(string? subresource, IReadOnlyList<string>? given, Schema schema) => FieldSet.Of(
        [.. (given ?? subresource switch
        {
            "status" when schema.TypeName is null => ["metadata", "spec"],
            "status" => ["spec"],
            null => ["status"],
            _ => [],
        }).Select(path => path.Split('.'))]);

    /// <summary>Takes from all others what changed; who lost a field to the change is returned first.</summary>
    public static IReadOnlyList<(FieldManager Manager, FieldSet Fields)> Conflicts(ManagerBook book, FieldManager? acting, FieldComparison changes)
    {
        var taken = changes.Modified.Union(changes.Added);
        return [.. book.Entries
            .Where(entry => entry.Key != acting)
            .Select(entry => (entry.Key, Fields: entry.Value.Fields.Intersection(taken)))
            .Where(conflict => !conflict.Fields.IsEmpty)];
    }

    public static void Take(ManagerBook book, FieldManager? acting, FieldComparison changes)
    {
        var gone = changes.Modified.Union(changes.Added).Union(changes.Removed);
        foreach (var manager in book.Entries.Keys.Where(manager => manager != acting).ToList())
        {
            book.Replace(manager, fields => fields.Difference(gone));
        }
    }

    /// <summary>A copy without the books, which are no part of any comparison.</summary>
    public static JsonObject WithoutBooks(JsonObject document)
    {
        var copy = new JsonObject();
        foreach (var (name, value) in document) copy[name] = name is "metadata" && value is JsonObject metadata ? WithoutBooksOf(metadata) : value.Copy();
        return copy;
    }

    // They are often the larger part of an object.
    private static JsonObject WithoutBooksOf(JsonObject metadata)
    {
        var copy = new JsonObject();
        foreach (var (name, value) in metadata)
        {
            if (name is not "managedFields") copy[name] = value.Copy();
        }

        return copy;
    }

    public static JsonObject WithBooks(JsonObject document, ManagerBook book)
    {
        var metadata = document["metadata"] as JsonObject;
        if (metadata is null)
        {
            document["metadata"] = metadata = [];
        }

        metadata.Remove("managedFields");
        if (book.ToJson() is { } entries)
        {
            metadata["managedFields"] = entries;
        }

        return document;
    }

    /// <summary>What an object of this kind is before it has anything: for custom resources nothing, for built-in ones the parts that always exist.</summary>
    public static JsonObject Blank(JsonObject document, Schema schema)
    {
        var blank = BuiltInShape.Complete(
            new()
            {
                ["apiVersion"] = document["apiVersion"].Copy(),
                ["kind"] = document["kind"].Copy(),
            },
            schema);

        // A pod's list of containers exists before its entries do, which is why nobody owns the list itself.
        foreach (var pod in new[] { blank["spec"], blank.At("spec", "template", "spec"), blank.At("spec", "jobTemplate", "spec", "template", "spec") })
        {
            if (pod is JsonObject fields && (schema.TypeName is "Pod" || pod != blank["spec"]))
            {
                fields["containers"] = null;
            }
        }

        return blank;
    }
}
