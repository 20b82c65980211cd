using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Admission;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.ApiServer.Rules;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;
using LlmKube.Operator.LocalCluster.ApiServer.Writing;

namespace LlmKube.Operator.LocalCluster.ApiServer.Deletion;

/// <summary>Deletes objects: at once, or by a deletionTimestamp where finalizers or a grace period hold them.</summary>
internal sealed class ObjectDeleter(RuleContext context, ObjectWriter writer)
{
    private const string ForegroundFinalizer = "foregroundDeletion";
    private const string OrphanFinalizer = "orphan";

    /// <summary>Told of every object that is marked for deletion and stays for now.</summary>
    public Action<ResourceDefinition, JsonObject> Marked { get; set; } = (_, _) => { };

    /// <returns>The object's last version, and whether it is gone.</returns>
    public (JsonObject Json, bool Gone) Delete(ResourceDefinition resource, string @namespace, string name, DeleteOptions options)
    {
        JsonObject? marked = null;
        while (true)
        {
            var seen = context.Store.Find(resource.Table, StoredObject.KeyOf(@namespace, name));

            // Who saw the mark that we have set may have been faster to take the object away.
            if (marked is not null && seen?.Json.Uid != marked.Uid) return (marked, true);
            if (seen is null) throw ApiException.NotFound(resource.GroupResource, name);
            CheckPreconditions(resource, seen.Json, options);
            AdmissionChain.Delete(resource, name);
            if (Try(resource, seen, options, ref marked) is { } done) return done;
        }
    }

    // Null: someone else was faster.
    private (JsonObject Json, bool Gone)? Try(ResourceDefinition resource, StoredObject seen, DeleteOptions options, ref JsonObject? mark)
    {
        var finalizers = FinalizersFor(seen.Json, options.PropagationPolicy);
        var grace = resource.Rules.GracePeriod(seen.Json, options.GracePeriodSeconds);
        var goes = finalizers.Count == 0 && !resource.Rules.HoldsDeletion(seen.Json) && (grace ?? 0) == 0;
        if (goes && grace is null) return Remove(resource, seen, options);

        // What is deleted gracefully is marked even if it goes at once: watchers see the mark, then the end.
        var json = seen.Json.Copy();
        Mark(json, seen.Json, finalizers, grace ?? 0);
        resource.Rules.PrepareDeletion(json, context);
        if (options.DryRun) return (json, goes);
        var marked = seen;
        if (!JsonNode.DeepEquals(json, seen.Json))
        {
            marked = context.Store.Replace(resource.Table, seen, json);
            if (marked is null) return null;
            mark = marked.Json;
            resource.Rules.Written(marked.Json, seen.Json, context);
            if (!goes) Marked(resource, marked.Json);
        }

        return goes ? Remove(resource, marked, options) : (marked.Json, false);
    }

    private (JsonObject Json, bool Gone)? Remove(ResourceDefinition resource, StoredObject seen, DeleteOptions options)
    {
        if (options.DryRun) return (seen.Json, true);
        return writer.Remove(resource, seen) is { } last ? (last, true) : null;
    }

    private void Mark(JsonObject json, JsonObject seen, IReadOnlyList<string> finalizers, long grace)
    {
        var metadata = json.Ensure("metadata");
        metadata.SetOrRemove("finalizers", finalizers.Count == 0 ? null : ApiObject.List(finalizers.Select(f => (JsonNode?)f)));
        if (seen.IsDeleting)
        {
            // A later deletion may only shorten the time that is left.
            if (seen.Metadata.Number("deletionGracePeriodSeconds") is { } left && grace >= left) return;
            var since = Timestamps.Parse(seen.Metadata.Text("deletionTimestamp"))!.Value.AddSeconds(-(seen.Metadata.Number("deletionGracePeriodSeconds") ?? 0));
            metadata["deletionTimestamp"] = Timestamps.Format(since.AddSeconds(grace));
        }
        else
        {
            metadata["deletionTimestamp"] = Timestamps.Format(context.Time.GetUtcNow().AddSeconds(grace));
            if (seen.Generation > 0) metadata["generation"] = seen.Generation + 1;
        }

        metadata["deletionGracePeriodSeconds"] = grace;
    }

    private static IReadOnlyList<string> FinalizersFor(JsonObject seen, string? policy)
    {
        var own = seen.Finalizers.Where(f => f is not (ForegroundFinalizer or OrphanFinalizer)).ToList();
        return policy switch
        {
            "Orphan" => [.. own, OrphanFinalizer],
            "Foreground" => [.. own, ForegroundFinalizer],
            "Background" => own,
            _ => seen.Finalizers,
        };
    }

    private static void CheckPreconditions(ResourceDefinition resource, JsonObject seen, DeleteOptions options)
    {
        // Here the real server names the kind where it names the resource elsewhere.
        var kind = new GroupResource(resource.Group, resource.Kind);
        if (options.Uid is { } uid && uid != seen.Uid)
        {
            throw ApiException.Conflict(kind, seen.Name, $"the UID in the precondition ({uid}) does not match the UID in record ({seen.Uid}). The object might have been deleted and then recreated");
        }

        if (options.ResourceVersion is { } version && version != seen.ResourceVersion)
        {
            throw ApiException.Conflict(kind, seen.Name, $"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({seen.ResourceVersion}). The object might have been modified");
        }
    }
}
