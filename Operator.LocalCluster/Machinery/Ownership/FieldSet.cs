using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>
/// A set of field paths as a tree: a node is in the set when it says so, whatever lies below it. Operations give new sets and
/// leave their operands alone; only <see cref="Insert"/> changes a set, while it is being built.
/// </summary>
internal sealed class FieldSet
{
    private readonly SortedDictionary<PathElement, FieldSet> _children = [];
    private bool _isMember;

    public bool IsEmpty => !_isMember && _children.Values.All(child => child.IsEmpty);

    /// <summary>Whether the node itself is in the set.</summary>
    public bool IsMember => _isMember;

    public IEnumerable<KeyValuePair<PathElement, FieldSet>> Children => _children;

    public static FieldSet Of(params IReadOnlyList<string[]> paths)
    {
        var set = new FieldSet();
        foreach (var path in paths)
        {
            set.Insert([.. path.Select(PathElement.Field)]);
        }

        return set;
    }

    /// <summary>Reads fieldsV1.</summary>
    /// <exception cref="FormatException">A key is no path element.</exception>
    public static FieldSet Parse(JsonObject fields)
    {
        var set = Read(fields);

        // The root is no field.
        set._isMember = false;
        return set;
    }

    public void Insert(IEnumerable<PathElement> path)
    {
        var node = this;
        foreach (var step in path)
        {
            if (!node._children.TryGetValue(step, out var child))
            {
                node._children[step] = child = new();
            }

            node = child;
        }

        node._isMember = true;
    }

    /// <summary>The paths below a step, without it.</summary>
    public FieldSet? Below(PathElement step) => _children.GetValueOrDefault(step);

    public bool Has(PathElement step) => Below(step) is { _isMember: true };

    public FieldSet Union(FieldSet other) => Combine(other, (mine, theirs) => mine || theirs);

    public FieldSet Difference(FieldSet other) => Combine(other, (mine, theirs) => mine && !theirs);

    public FieldSet Intersection(FieldSet other) => Combine(other, (mine, theirs) => mine && theirs);

    /// <summary>Takes out the other's paths and all that lies below them.</summary>
    public FieldSet Without(FieldSet other)
    {
        var result = new FieldSet { _isMember = _isMember };
        foreach (var (step, child) in _children)
        {
            if (other.Below(step) is not { } excluded)
            {
                result._children[step] = child;
            }
            else if (!excluded._isMember && child.Without(excluded) is { IsEmpty: false } rest)
            {
                result._children[step] = rest;
            }
        }

        return result;
    }

    /// <summary>
    /// The set together with the named fields on the way to its paths: who owns a.b also holds a, if a is a declared field and
    /// not an entry of a map.
    /// </summary>
    public FieldSet WithNamedFields(Schema? schema)
    {
        var result = new FieldSet { _isMember = _isMember };
        foreach (var (step, child) in _children)
        {
            var isNamed = step.Kind is 'f' && schema is not null && MergeShape.IsDeclared(schema, step.Text);
            var below = step.Kind switch
            {
                'f' when schema is not null => MergeShape.Field(schema, step.Text),
                'k' => schema?.Items,
                _ => null,
            };
            var node = child.WithNamedFields(below);
            node._isMember |= isNamed && child._children.Count > 0;
            result._children[step] = node;
        }

        return result;
    }

    /// <summary>Every path of the set, a level's own before those below it.</summary>
    public IEnumerable<IReadOnlyList<PathElement>> Paths() => Paths([]);

    /// <summary>As fieldsV1 holds it.</summary>
    public JsonObject ToJson()
    {
        var fields = new JsonObject();
        foreach (var (step, child) in _children.Where(child => !child.Value.IsEmpty))
        {
            var below = child.ToJson();
            if (child._isMember && below.Count > 0)
            {
                below.Insert(0, ".", new JsonObject());
            }

            fields[step.Serialize()] = below;
        }

        return fields;
    }

    private static FieldSet Read(JsonObject fields)
    {
        // Below the root a node without "." is a member only when nothing lies below it.
        var set = new FieldSet { _isMember = fields.Count is 0 || fields.ContainsKey(".") };
        foreach (var (key, value) in fields.Where(field => field.Key is not "."))
        {
            set._children[PathElement.Parse(key)] = Read(value as JsonObject ?? throw new FormatException($"{key} must hold an object"));
        }

        return set;
    }

    // What only one of them has is kept or left out as a whole.
    private FieldSet Combine(FieldSet other, Func<bool, bool, bool> keep)
    {
        var result = new FieldSet { _isMember = keep(_isMember, other._isMember) };
        foreach (var (step, mine) in _children)
        {
            var kept = other.Below(step) is { } theirs ? mine.Combine(theirs, keep) : keep(true, false) ? mine : null;
            if (kept is { IsEmpty: false }) result._children[step] = kept;
        }

        if (!keep(false, true)) return result;
        foreach (var (step, theirs) in other._children)
        {
            if (!_children.ContainsKey(step) && !theirs.IsEmpty) result._children[step] = theirs;
        }

        return result;
    }

    private IEnumerable<IReadOnlyList<PathElement>> Paths(IReadOnlyList<PathElement> prefix)
    {
        foreach (var (step, child) in _children)
        {
            if (child._isMember)
            {
                yield return [.. prefix, step];
            }
        }

        foreach (var (step, child) in _children)
        {
            foreach (var path in child.Paths([.. prefix, step]))
            {
                yield return path;
            }
        }
    }
}
