using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Admission;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.ApiServer.Rules;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Writing;

/// <summary>Creates and changes objects: prepares, admits, checks, tracks field owners, stores.</summary>
internal sealed class ObjectWriter(RuleContext context, AdmissionChain admission, NameGenerator names)
{
    private const int NameTries = 8;

    /// <summary>Told of every object that is gone.</summary>
    public Action<ResourceDefinition, JsonObject> Removed { get; set; } = (_, _) => { };

    /// <param name="body">Already normalized; becomes the writer's own.</param>
    /// <param name="applied">The object already says who owns its fields (server-side apply).</param>
    public JsonObject Create(ResourceDefinition resource, string @namespace, JsonObject body, WriteOptions options, bool applied = false)
    {
        var metadata = body.Ensure("metadata");
        CheckNamespace(resource, @namespace, metadata);
        if (metadata.Text("resourceVersion") is { Length: > 0 } and not "0") throw ApiException.Unexplained("resourceVersion should not be set on objects to be created");
        var prefix = body.Name.Length == 0 ? metadata.Text("generateName") ?? "" : "";
        for (var tries = 1; ; tries++)
        {
            var json = body.Copy();
            if (prefix.Length > 0) json.Ensure("metadata")["name"] = names.From(prefix);
            // Owned is what the writer sent, not what rules and admission add.
            if (!applied) json = FieldOwners.Update(resource, null, json, options, WriteScope.Main, context.Time);
            PrepareCreate(resource, json);
            admission.Create(resource, @namespace, json, options);
            ObjectValidation.Check(resource, json, null);
            if (options.DryRun)
            {
                if (context.Store.Find(resource.Table, StoredObject.KeyOf(@namespace, json.Name)) is not null) throw ApiException.AlreadyExists(resource.GroupResource, json.Name);
                return json;
            }

            if (context.Store.Create(resource.Table, StoredObject.KeyOf(@namespace, json.Name), json) is { } created)
            {
                resource.Rules.Written(created.Json, null, context);
                return created.Json;
            }

            if (prefix.Length == 0 || tries == NameTries) throw ApiException.AlreadyExists(resource.GroupResource, json.Name);
        }
    }

    /// <summary>Changes an object, starting over when another writer came first.</summary>
    /// <param name="change">Makes the next version; what it is given is the present one, which stays as it is. Called again after a lost race.</param>
    public JsonObject Update(
        ResourceDefinition resource, string @namespace, string name, Func<JsonObject, JsonObject> change, WriteScope scope, WriteOptions options, bool applied = false)
    {
        while (true)
        {
            var seen = context.Store.Find(resource.Table, StoredObject.KeyOf(@namespace, name)) ?? throw ApiException.NotFound(resource.GroupResource, name);
            var json = change(seen.Json);
            CheckIdentity(resource, @namespace, seen.Json, json, scope);
            PrepareUpdate(resource, json, seen.Json, scope);
            admission.Update(resource, @namespace, json, seen.Json, scope, options);
            if (scope is not WriteScope.Internal) ObjectValidation.Check(resource, json, seen.Json, scope);
            if (!applied) json = FieldOwners.Update(resource, seen.Json, json, options, scope, context.Time);
            if (ManagedFields.SameButForTimes(seen.Json, json)) return seen.Json;
            if (json.IsDeleting && json.Finalizers.Count == 0 && !resource.Rules.HoldsDeletion(json) && (json.Metadata.Number("deletionGracePeriodSeconds") ?? 0) == 0)
            {
                if (options.DryRun || Remove(resource, seen, json) is not null) return json;
            }
            else if (options.DryRun)
            {
                return json;
            }
            else if (context.Store.Replace(resource.Table, seen, json) is { } written)
            {
                resource.Rules.Written(written.Json, seen.Json, context);
                return written.Json;
            }
        }
    }

    /// <returns>The object's last content, under the revision of its end; null if another writer came first.</returns>
    public JsonObject? Remove(ResourceDefinition resource, StoredObject seen, JsonObject? last = null)
    {
        if (context.Store.Remove(resource.Table, seen, last) is not { } gone) return null;
        resource.Rules.Written(null, seen.Json, context);
        Removed(resource, seen.Json);
        return gone.Json;
    }

    private void PrepareCreate(ResourceDefinition resource, JsonObject json)
    {
        var metadata = json.Ensure("metadata");
        foreach (var field in (ReadOnlySpan<string>)["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "resourceVersion", "generation"]) metadata.Remove(field);
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Timestamps.Now(context.Time);
        if (resource.CountsGeneration) metadata["generation"] = 1;
        if (resource.HasStatus && !resource.StatusOnCreate) ClearStatus(resource, json);
        resource.Rules.PrepareCreate(json, context);
    }

    // A built-in type that holds its status by value has one from the start, if an empty one.
    private static void ClearStatus(ResourceDefinition resource, JsonObject json)
    {
        if (resource.IsCustom || json["status"] is null) json.Remove("status");
        else json["status"] = new JsonObject();
    }

    private void PrepareUpdate(ResourceDefinition resource, JsonObject json, JsonObject old, WriteScope scope)
    {
        var metadata = json.Ensure("metadata");
        foreach (var field in (ReadOnlySpan<string>)["uid", "name", "namespace", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "generateName", "resourceVersion"])
        {
            if (scope is WriteScope.Internal && field.StartsWith("deletion", StringComparison.Ordinal)) continue;
            metadata.CopyField(field, old.Metadata);
        }

        metadata.Remove("selfLink");
        switch (scope)
        {
            case WriteScope.Main or WriteScope.Scale:
                if (resource.HasStatus) json.CopyField("status", old);
                resource.Rules.PrepareUpdate(json, old, context);
                if (resource.CountsGeneration && ContentChanged(json, old)) metadata["generation"] = old.Generation + 1;
                break;
            case WriteScope.Status:
                KeepAllButStatus(resource, json, old);
                resource.Rules.PrepareStatus(json, old, context);
                break;
            case WriteScope.Finalize:
                json.CopyField("status", old);
                break;
            default:
                break;
        }
    }

    // The status of a core object may bring labels and annotations along, that of others brings only itself.
    private static void KeepAllButStatus(ResourceDefinition resource, JsonObject json, JsonObject old)
    {
        foreach (var field in json.Select(f => f.Key).Concat(old.Select(f => f.Key)).Distinct().ToList())
        {
            if (field is not ("status" or "metadata" or "apiVersion" or "kind")) json.CopyField(field, old);
        }

        if (resource.IsCustom)
        {
            var owners = json.Metadata["managedFields"]?.DeepClone();
            json.CopyField("metadata", old);
            json.Ensure("metadata").SetOrRemove("managedFields", owners);
            return;
        }

        foreach (var field in resource.Group.Length == 0 ? (ReadOnlySpan<string>)["ownerReferences"] : ["ownerReferences", "labels"]) json.Ensure("metadata").CopyField(field, old.Metadata);
    }

    private static bool ContentChanged(JsonObject json, JsonObject old) =>
        json.Select(f => f.Key).Concat(old.Select(f => f.Key)).Distinct().Any(f => f is not ("metadata" or "status" or "apiVersion" or "kind") && !JsonNode.DeepEquals(json[f], old[f]));

    private static void CheckNamespace(ResourceDefinition resource, string @namespace, JsonObject metadata)
    {
        if (!resource.Namespaced)
        {
            metadata.Remove("namespace");
            return;
        }

        if (metadata.Text("namespace") is { Length: > 0 } given && given != @namespace)
        {
            throw ApiException.BadRequest($"the namespace of the provided object does not match the namespace sent on the request");
        }

        metadata["namespace"] = @namespace;
    }

    private static void CheckIdentity(ResourceDefinition resource, string @namespace, JsonObject seen, JsonObject json, WriteScope scope)
    {
        var metadata = json.Ensure("metadata");
        CheckNamespace(resource, @namespace, metadata);
        if (json.Name.Length > 0 && json.Name != seen.Name)
        {
            throw ApiException.BadRequest($"the name of the object ({json.Name}) does not match the name on the URL ({seen.Name})");
        }

        if (json.Uid.Length > 0 && json.Uid != seen.Uid)
        {
            throw ApiException.Conflict(resource.GroupResource, seen.Name, $"Precondition failed: UID in precondition: {json.Uid}, UID in object meta: {seen.Uid}");
        }

        if (json.ResourceVersion.Length == 0)
        {
            if (!resource.UnconditionalUpdate && scope is not (WriteScope.Internal or WriteScope.Scale))
            {
                throw ApiException.Invalid(resource.Kind, resource.Group, seen.Name, new Cause("FieldValueInvalid", "metadata.resourceVersion", "Invalid value: 0: must be specified for an update"));
            }
        }
        else if (json.ResourceVersion != seen.ResourceVersion)
        {
            throw ApiException.Modified(resource.GroupResource, seen.Name);
        }
    }
}
