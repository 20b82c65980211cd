using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Puts an applied object over the live one. Removes nothing; lists take the applied order where it speaks.</summary>
internal static class StructuredMerge
{
    public static JsonObject Merge(JsonObject live, JsonObject applied, Schema schema) =>
        Merge(Held.Of(live), Held.Of(applied), schema) is { Node: JsonObject merged } ? merged : [];

    private static Held Merge(Held live, Held applied, Schema schema)
    {
        var decisive = applied.IsPresent ? applied : live;
        switch (MergeShape.KindOf(schema, decisive.Node))
        {
            case MergeKind.Map when !schema.AtomicMap && (live.Node is JsonObject { Count: > 0 } || applied.Node is JsonObject { Count: > 0 }):
                return MergeMaps(live.Node as JsonObject, applied.Node as JsonObject, schema);
            case MergeKind.List when schema.ListKind is not ListKind.Atomic && (live.Node is JsonArray { Count: > 0 } || applied.Node is JsonArray { Count: > 0 }):
                return MergeLists(live.Node as JsonArray ?? [], applied.Node as JsonArray ?? [], schema);
            default:
                return Held.Of(decisive.Node.Copy());
        }
    }

    private static Held MergeMaps(JsonObject? live, JsonObject? applied, Schema schema)
    {
        var merged = new JsonObject();
        foreach (var name in (live ?? []).Select(field => field.Key).Union((applied ?? []).Select(field => field.Key)))
        {
            var value = Merge(Held.FieldOf(live, name), Held.FieldOf(applied, name), MergeShape.Field(schema, name) ?? Schema.Anything);
            if (value.IsPresent)
            {
                merged[name] = value.Node;
            }
        }

        return merged.Count > 0 ? Held.Of(merged) : Held.Absent;
    }

    // Shared entries follow the applied order; entries that only the live list has stay in front of what followed them there.
    private static Held MergeLists(JsonArray live, JsonArray applied, Schema schema)
    {
        var old = live.Select(entry => (Step: MergeShape.Identify(schema, entry), Entry: entry)).ToList();
        var wanted = applied.Select(entry => (Step: MergeShape.Identify(schema, entry), Entry: entry)).Where(entry => entry.Step is not null).ToList();
        var wantedSteps = wanted.Select(entry => entry.Step!).ToHashSet();
        var oldByStep = old.Where(entry => entry.Step is not null).GroupBy(entry => entry.Step!).ToDictionary(same => same.Key, same => same.First().Entry);
        var shared = new Queue<PathElement>(wanted.Select(entry => entry.Step!).Where(oldByStep.ContainsKey));
        var done = new HashSet<PathElement>();
        var merged = new JsonArray();

        void Take((PathElement? Step, JsonNode? Entry) entry)
        {
            done.Add(entry.Step!);
            if (shared.TryPeek(out var next) && next.Equals(entry.Step))
            {
                shared.Dequeue();
            }

            var former = oldByStep.TryGetValue(entry.Step!, out var found) ? Held.Of(found) : Held.Absent;
            if (Merge(former, Held.Of(entry.Entry), MergeShape.Element(schema)) is { IsPresent: true } both)
            {
                merged.Add(both.Node);
            }
        }

        int left = 0, right = 0;
        while (left < old.Count || right < wanted.Count)
        {
            if (left < old.Count)
            {
                var step = old[left].Step;
                if (step is null || !wantedSteps.Contains(step))
                {
                    merged.Add(old[left++].Entry.Copy());
                    continue;
                }

                if (right < wanted.Count && step.Equals(wanted[right].Step))
                {
                    left++;
                    Take(wanted[right++]);
                    continue;
                }

                // It stands elsewhere in the applied order.
                if (right < wanted.Count && shared.TryPeek(out var next) && !next.Equals(step))
                {
                    left++;
                    continue;
                }

                if (done.Contains(step))
                {
                    left++;
                }
            }

            if (right < wanted.Count)
            {
                Take(wanted[right++]);
            }
        }

        return merged.Count > 0 ? Held.Of(merged) : Held.Absent;
    }
}
