using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>A value that may be absent, which is not the same as null.</summary>
internal readonly record struct Held(bool IsPresent, JsonNode? Node)
{
    public static Held Absent { get; }

    public static Held Of(JsonNode? node) => new(true, node);

    public static Held FieldOf(JsonObject? parent, string name) =>
        parent is not null && parent.TryGetPropertyValue(name, out var value) ? Of(value) : Absent;
}

/// <summary>The fields that an object mentions: what its applier owns.</summary>
internal static class MentionedFields
{
    public static FieldSet Of(JsonObject document, Schema schema)
    {
        var set = new FieldSet();
        Walk(document, schema, [], set);
        return set;
    }

    private static void Walk(JsonNode? node, Schema schema, List<PathElement> path, FieldSet set)
    {
        switch (MergeShape.KindOf(schema, node))
        {
            case MergeKind.Map when !schema.AtomicMap:
                WalkMap(node as JsonObject ?? [], schema, path, set);
                break;
            case MergeKind.List when schema.ListKind is not ListKind.Atomic:
                WalkList(node as JsonArray ?? [], schema, path, set);
                break;
            default:
                set.Insert(path);
                break;
        }
    }

    private static void WalkMap(JsonObject fields, Schema schema, List<PathElement> path, FieldSet set)
    {
        foreach (var (name, value) in fields)
        {
            path.Add(PathElement.Field(name));
            if (MergeShape.Field(schema, name) is { } field)
            {
                Walk(value, field, path, set);
            }

            if (value is null or JsonObject { Count: 0 } || !MergeShape.IsDeclared(schema, name))
            {
                set.Insert(path);
            }

            path.RemoveAt(path.Count - 1);
        }
    }

    private static void WalkList(JsonArray entries, Schema schema, List<PathElement> path, FieldSet set)
    {
        foreach (var same in entries.GroupBy(entry => MergeShape.Identify(schema, entry)).Where(same => same.Key is not null))
        {
            path.Add(same.Key!);

            // Entries that share a key are owned together, not field by field.
            if (same.ToList() is [var only])
            {
                Walk(only, MergeShape.Element(schema), path, set);
            }

            set.Insert(path);
            path.RemoveAt(path.Count - 1);
        }
    }
}

/// <summary>Removes the paths of a set from an object.</summary>
internal static class FieldRemoval
{
    public static JsonObject Remove(JsonObject document, FieldSet paths, Schema schema) =>
        Strip(document, paths, schema) as JsonObject ?? [];

    private static JsonNode? Strip(JsonNode? node, FieldSet paths, Schema schema) => node switch
    {
        JsonObject { Count: > 0 } fields when MergeShape.KindOf(schema, node) is MergeKind.Map && !schema.AtomicMap => StripMap(fields, paths, schema),
        JsonArray { Count: > 0 } entries when MergeShape.KindOf(schema, node) is MergeKind.List && schema.ListKind is not ListKind.Atomic => StripList(entries, paths, schema),
        JsonObject or JsonArray => null,
        _ => node.Copy(),
    };

    private static JsonObject? StripMap(JsonObject fields, FieldSet paths, Schema schema)
    {
        var rest = new JsonObject();
        foreach (var (name, value) in fields)
        {
            var below = paths.Below(PathElement.Field(name));
            if (below is null or { IsEmpty: true })
            {
                rest[name] = value.Copy();
            }
            else if (!below.IsMember)
            {
                // Null where all that was in it goes and itself stays.
                rest[name] = Strip(value, below, MergeShape.Field(schema, name) ?? Schema.Anything);
            }
        }

        return rest.Count > 0 ? rest : null;
    }

    private static JsonArray? StripList(JsonArray entries, FieldSet paths, Schema schema)
    {
        var rest = new JsonArray();
        foreach (var entry in entries)
        {
            var below = MergeShape.Identify(schema, entry) is { } step ? paths.Below(step) : null;
            if (below is null or { IsEmpty: true })
            {
                rest.Add(entry.Copy());
            }
            else if (!below.IsMember)
            {
                rest.Add(Strip(entry, below, MergeShape.Element(schema)));
            }
        }

        return rest.Count > 0 ? rest : null;
    }
}
