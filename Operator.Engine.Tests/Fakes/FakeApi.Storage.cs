using System.Text.Json.Nodes;

namespace LlmKube.Operator.Engine.Tests.Fakes;

/// <summary>What it stores, and what becomes of a request that reads or writes it.</summary>
internal sealed partial class FakeApi
{
    private readonly SortedDictionary<(string Resource, string Namespace, string Name), JsonObject> _objects = [];
    private long _version = 100;
    private int _uids;

    public JsonObject? Find(string resource, string ns, string name)
    {
        lock (_gate) return _objects.GetValueOrDefault((resource, ns, name))?.DeepClone().AsObject();
    }

    /// <summary>Stores an object as another client would: a new uid, or the old one's, and a new version.</summary>
    public JsonObject Put(string resource, JsonObject entity)
    {
        lock (_gate)
        {
            var copy = entity.DeepClone().AsObject();
            var key = KeyOf(resource, copy);
            return _objects.TryGetValue(key, out var old) ? Replace(key, old, copy) : Create(key, copy);
        }
    }

    /// <summary>Removes an object at once, finalizers or not.</summary>
    public void Remove(string resource, string ns, string name)
    {
        lock (_gate) Remove((resource, ns, name));
    }

    private static (string Resource, string Namespace, string Name) KeyOf(string resource, JsonObject entity) =>
        (resource, (string?)entity["metadata"]!["namespace"] ?? "", (string)entity["metadata"]!["name"]!);

    private JsonObject Create((string Resource, string Namespace, string Name) key, JsonObject entity)
    {
        entity["metadata"]!["uid"] = $"uid-{++_uids}";
        entity["metadata"]!["generation"] ??= 1L;
        entity["metadata"]!["creationTimestamp"] = "2026-01-01T00:00:00Z";
        if (key.Resource == "customresourcedefinitions") entity["status"] ??= JsonNode.Parse("""{"conditions":[{"type":"Established","status":"True"}]}""");
        return Store(key, entity, "ADDED");
    }

    private JsonObject Replace((string Resource, string Namespace, string Name) key, JsonObject old, JsonObject entity)
    {
        entity["metadata"]!["uid"] = (string?)old["metadata"]!["uid"];
        entity["metadata"]!["deletionTimestamp"] = (string?)old["metadata"]!["deletionTimestamp"];
        var isNewSpec = !JsonNode.DeepEquals(old["spec"], entity["spec"]);
        entity["metadata"]!["generation"] = (long)old["metadata"]!["generation"]! + (isNewSpec ? 1 : 0);
        if (entity["metadata"]!["deletionTimestamp"] is not null && entity["metadata"]!["finalizers"] is null or JsonArray { Count: 0 })
        {
            _objects[key] = entity;
            return Remove(key)!;
        }

        return Store(key, entity, "MODIFIED");
    }

    private JsonObject Store((string Resource, string Namespace, string Name) key, JsonObject entity, string type)
    {
        entity["metadata"]!["resourceVersion"] = Text(++_version);
        _objects[key] = entity;
        Publish(key.Resource, type, entity);
        return entity;
    }

    private JsonObject? Remove((string Resource, string Namespace, string Name) key)
    {
        if (!_objects.Remove(key, out var entity)) return null;
        entity = entity.DeepClone().AsObject();
        entity["metadata"]!["resourceVersion"] = Text(++_version);
        Publish(key.Resource, "DELETED", entity);
        return entity;
    }

    private (int Status, string Body) Answer(ApiCall call)
    {
        var (resource, ns, name, subresource) = call.Target;
        lock (_gate)
        {
            if (call.Method == "GET" && name is null) return List(call, resource, ns);
            if (call.Method == "POST")
            {
                var created = call.Body!.DeepClone().AsObject();
                var key = KeyOf(resource, created);
                return _objects.ContainsKey(key)
                    ? (409, Status(409, "AlreadyExists", $"{resource} \"{key.Name}\" already exists"))
                    : (201, Create(key, created).ToJsonString());
            }

            var target = (resource, ns ?? "", name!);
            if (call.ContentType.StartsWith("application/apply-patch", StringComparison.Ordinal) && !_objects.ContainsKey(target))
            {
                return (201, Create(target, call.Body!.DeepClone().AsObject()).ToJsonString());
            }

            if (!_objects.TryGetValue(target, out var entity)) return (404, Status(404, "NotFound", $"{resource} \"{name}\" not found"));
            return call.Method switch
            {
                "GET" => (200, entity.ToJsonString()),
                "DELETE" => (200, Delete(target, entity).ToJsonString()),
                "PUT" => Write(target, entity, call.Body!.DeepClone().AsObject(), subresource),
                "PATCH" => Write(target, entity, Merged(entity.DeepClone().AsObject(), call.Body!.AsObject()), subresource),
                _ => (405, Status(405, "MethodNotAllowed", call.Method)),
            };
        }
    }

    private JsonObject Delete((string Resource, string Namespace, string Name) key, JsonObject entity)
    {
        if (entity["metadata"]!["finalizers"] is not JsonArray { Count: > 0 }) return Remove(key)!;
        var ending = entity.DeepClone().AsObject();
        ending["metadata"]!["deletionTimestamp"] ??= "2026-01-01T00:00:00Z";
        return Store(key, ending, "MODIFIED");
    }

    private (int Status, string Body) Write(
        (string Resource, string Namespace, string Name) key, JsonObject old, JsonObject entity, string? subresource)
    {
        foreach (var precondition in new[] { "uid", "resourceVersion" })
        {
            var expected = (string?)entity["metadata"]![precondition];
            if (expected is { Length: > 0 } && expected != (string?)old["metadata"]![precondition])
            {
                return (409, Status(409, "Conflict", $"the object has been modified: {precondition} is not {expected}"));
            }
        }

        if (subresource == "status")
        {
            var withStatus = old.DeepClone().AsObject();
            withStatus["status"] = entity["status"]?.DeepClone();
            entity = withStatus;
        }
        else if (entity["status"] is null && old["status"] is { } status)
        {
            entity["status"] = status.DeepClone();
        }

        entity["metadata"]!["resourceVersion"] = null;
        var current = old.DeepClone().AsObject();
        current["metadata"]!["resourceVersion"] = null;
        return JsonNode.DeepEquals(current, entity) ? (200, old.ToJsonString()) : (200, Replace(key, old, entity).ToJsonString());
    }

    private static JsonObject Merged(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null) target.Remove(name);
            else if (value is JsonObject inner) target[name] = Merged(target[name] as JsonObject ?? [], inner).DeepClone();
            else target[name] = value.DeepClone();
        }

        return target;
    }

    private (int Status, string Body) List(ApiCall call, string resource, string? ns)
    {
        var limit = int.TryParse(call.Query["limit"], out var l) ? l : int.MaxValue;
        var skip = int.TryParse(call.Query["continue"], out var c) ? c : 0;
        var all = _objects.Where(o => o.Key.Resource == resource && (ns is null || o.Key.Namespace == ns) && Selects(call, o.Value))
            .Select(o => o.Value).ToList();
        var metadata = new JsonObject { ["resourceVersion"] = Text(_version) };
        if (all.Count > skip + (long)limit) metadata["continue"] = Text(skip + limit);
        var items = new JsonArray([.. all.Skip(skip).Take(limit).Select(o => o.DeepClone())]);
        return (200, new JsonObject { ["kind"] = "List", ["apiVersion"] = "v1", ["metadata"] = metadata, ["items"] = items }.ToJsonString());
    }

    // Of selectors the fake knows "key=value" and "key in (value)".
    private static bool Selects(ApiCall call, JsonObject entity)
    {
        if (call.Query["labelSelector"].ToString() is not { Length: > 0 } selector) return true;
        var parts = selector.Split(["=", " in ("], StringSplitOptions.None);
        return (string?)entity["metadata"]?["labels"]?[parts[0]] == parts[1].TrimEnd(')');
    }
}
