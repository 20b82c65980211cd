using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>How one object's fields differ from another's: what came, what went, what has another value.</summary>
internal sealed class FieldComparison
{
    private readonly List<PathElement> _path = [];

    private FieldComparison()
    {
    }

    public FieldSet Added { get; private set; } = new();

    public FieldSet Removed { get; private set; } = new();

    public FieldSet Modified { get; private set; } = new();

    public static FieldComparison Between(JsonObject before, JsonObject after, Schema schema)
    {
        var comparison = new FieldComparison();
        comparison.Compare(Held.Of(before), Held.Of(after), schema);
        return comparison;
    }

    /// <summary>Without the fields that an endpoint doesn't write.</summary>
    public FieldComparison Without(FieldSet fields) => new()
    {
        Added = Added.Without(fields),
        Removed = Removed.Without(fields),
        Modified = Modified.Without(fields),
    };

    private void Compare(Held before, Held after, Schema schema)
    {
        var kind = MergeShape.KindOf(schema, after.IsPresent ? after.Node : before.Node);
        if (before.IsPresent && after.IsPresent && MergeShape.KindOf(schema, before.Node) is var former && former != kind)
        {
            // Where a value changes its kind, what it was and what it is are each told by themselves.
            Visit(before, after, schema, former);
        }

        if (Visit(before, after, schema, kind))
        {
            return;
        }

        if (!before.IsPresent)
        {
            Added.Insert(_path);
        }
        else if (!after.IsPresent)
        {
            Removed.Insert(_path);
        }
    }

    // True when the value was told as a whole.
    private bool Visit(Held before, Held after, Schema schema, MergeKind kind)
    {
        switch (kind)
        {
            case MergeKind.Map when !schema.AtomicMap && (before.Node is JsonObject { Count: > 0 } || after.Node is JsonObject { Count: > 0 }):
                VisitMap(before.Node as JsonObject ?? [], after.Node as JsonObject ?? [], schema);
                return false;
            case MergeKind.List when schema.ListKind is not ListKind.Atomic && (before.Node is JsonArray { Count: > 0 } || after.Node is JsonArray { Count: > 0 }):
                VisitList(before.Node as JsonArray ?? [], after.Node as JsonArray ?? [], schema);
                return false;
        }

        if (!before.IsPresent)
        {
            Added.Insert(_path);
        }
        else if (!after.IsPresent)
        {
            Removed.Insert(_path);
        }
        else if (!JsonNodes.Same(before.Node, after.Node))
        {
            Modified.Insert(_path);
        }

        return true;
    }

    private void VisitMap(JsonObject before, JsonObject after, Schema schema)
    {
        foreach (var name in before.Select(field => field.Key).Union(after.Select(field => field.Key)))
        {
            _path.Add(PathElement.Field(name));
            Compare(Held.FieldOf(before, name), Held.FieldOf(after, name), MergeShape.Field(schema, name) ?? Schema.Anything);
            _path.RemoveAt(_path.Count - 1);
        }
    }

    private void VisitList(JsonArray before, JsonArray after, Schema schema)
    {
        var old = Group(before, schema);
        var current = Group(after, schema);
        foreach (var step in old.Keys.Union(current.Keys))
        {
            var left = old.GetValueOrDefault(step, []);
            var right = current.GetValueOrDefault(step, []);
            _path.Add(step);
            if (left.Count <= 1 && right.Count <= 1)
            {
                Compare(First(left), First(right), MergeShape.Element(schema));
            }
            else
            {
                CompareDuplicates(left, right, schema);
            }

            _path.RemoveAt(_path.Count - 1);
        }
    }

    // Entries that share a key are compared as one.
    private void CompareDuplicates(List<JsonNode?> left, List<JsonNode?> right, Schema schema)
    {
        if (left.Count >= 2 && right.Count >= 2)
        {
            if (left.Count != right.Count || !left.Zip(right).All(pair => JsonNodes.Same(pair.First, pair.Second)))
            {
                Modified.Insert(_path);
            }
        }
        else if (left.Count >= 2)
        {
            if (right.Count > 0)
            {
                Compare(Held.Absent, First(right), MergeShape.Element(schema));
            }

            Removed.Insert(_path);
        }
        else
        {
            if (left.Count > 0)
            {
                Compare(First(left), Held.Absent, MergeShape.Element(schema));
            }

            Added.Insert(_path);
        }
    }

    private static Held First(List<JsonNode?> entries) => entries is [var first, ..] ? Held.Of(first) : Held.Absent;

    private static Dictionary<PathElement, List<JsonNode?>> Group(JsonArray entries, Schema schema)
    {
        var groups = new Dictionary<PathElement, List<JsonNode?>>();
        foreach (var entry in entries)
        {
            if (MergeShape.Identify(schema, entry) is { } step)
            {
                groups.TryAdd(step, []);
                groups[step].Add(entry);
            }
        }

        return groups;
    }
}
