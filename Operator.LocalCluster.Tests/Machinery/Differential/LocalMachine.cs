using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery.Differential;

/// <summary>The least of a server around our functions: one object, the order of things as the real server has it.</summary>
internal sealed class LocalMachine(Kind kind)
{
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private JsonObject? _stored;

    public Answer Do(Step step)
    {
        _now = _now.AddSeconds(1);
        if (_stored is null && (step.Verb is not ("create" or "apply") || step.Subresource is not null))
        {
            return new(404, null, [], false);
        }

        var before = _stored;
        try
        {
            var errors = Try(step);
            return errors.Count > 0
                ? new(422, null, Sorted(errors), false)
                : new(200, Comparable.Of(_stored), [], !JsonNode.DeepEquals(before, _stored));
        }
        catch (ApplyConflictException conflict)
        {
            return new(409, null, Sorted(conflict.Conflicts.Select(one => $"{one.Path}: conflict with {one.Manager}")), false);
        }
        catch (InvalidApplyException invalid)
        {
            return new(invalid.IsBadRequest ? 400 : 500, null, [invalid.Message], false);
        }
        catch (PatchException patch)
        {
            return new(patch.Failure switch { PatchFailure.Malformed => 400, PatchFailure.Inapplicable => 422, _ => 500 }, null, [patch.Message], false);
        }
        catch (StrictException strict)
        {
            return new(step.Verb is "create" or "update" ? 400 : 422, null, [strict.Message], false);
        }
    }

    private List<string> Try(Step step)
    {
        var options = new ManagedFieldsOptions(step.Manager, kind.ApiVersion, _now, step.Subresource);
        JsonObject next;
        switch (step.Verb)
        {
            case "apply":
                var applied = (JsonObject)step.Body;
                next = ServerSideApply.Apply(_stored, applied, new(step.Manager, kind.ApiVersion, _now, step.Force, step.Subresource), kind.Schema);
                next = Settle(next, false, merged: true);
                break;
            case "create":
                next = ManagedFields.TrackUpdate(null, Settle((JsonObject)step.Body, step.Strict), options, kind.Schema);
                break;
            default:
                next = ManagedFields.TrackUpdate(_stored, Settle(Patched(step), step.Strict), options, kind.Schema);
                break;
        }

        next = Scoped(next, step.Subresource);
        if (_stored is not null && ManagedFields.SameButForTimes(_stored, next))
        {
            return [];
        }

        if (kind.IsCustom && SchemaValidator.Validate(next, kind.Schema) is [_, ..] errors)
        {
            return [.. errors.Select(error => error.ToString())];
        }

        _stored = next;
        return [];
    }

    private JsonObject Patched(Step step) => step.Verb switch
    {
        "update" or "merge" => MergePatch.Apply(_stored!, (JsonObject)step.Body),
        "strategic" => StrategicMergePatch.Apply(_stored!, (JsonObject)step.Body, kind.Schema),
        "json" => (JsonObject)JsonPatch.Apply(_stored!, (JsonArray)step.Body),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step.Verb, "unknown verb"),
    };

    private JsonObject Settle(JsonObject document, bool strict, bool merged = false)
    {
        var (pruned, unknown) = SchemaPruner.Prune(document, kind.Schema);
        if (strict && unknown.Count > 0)
        {
            throw new StrictException(unknown);
        }

        return kind.IsCustom && merged ? SchemaDefaulter.FillMerged(pruned, kind.Schema)
            : kind.IsCustom ? SchemaDefaulter.Apply(pruned, kind.Schema)
            : BuiltInDefaults.Apply(kind.Group, kind.Name, pruned);
    }

    // Each endpoint keeps what the other one writes.
    private JsonObject Scoped(JsonObject document, string? subresource)
    {
        var result = (JsonObject)document.DeepClone();
        foreach (var part in subresource is "status" ? new[] { "spec" } : ["status"])
        {
            if (_stored?[part] is { } old)
            {
                result[part] = old.DeepClone();
            }
            else if (_stored is not null || kind.IsCustom)
            {
                result.Remove(part);
            }
            else if (result[part] is JsonObject)
            {
                result[part] = new JsonObject();
            }
        }

        if (kind.Name is "Service" && _stored is not null && result["spec"] is JsonObject spec && spec["clusterIP"] is null)
        {
            spec["clusterIP"] = _stored["spec"]?["clusterIP"]?.DeepClone();
        }

        if (kind.Name is "Service" && _stored is null)
        {
            result["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };
        }

        return result;
    }

    private static string[] Sorted(IEnumerable<string> errors) => [.. errors.Order(StringComparer.Ordinal)];

    private sealed class StrictException(IReadOnlyList<string> unknown)
        : Exception($"strict decoding error: {string.Join(", ", unknown.Select(path => $"unknown field \"{path}\""))}");
}
