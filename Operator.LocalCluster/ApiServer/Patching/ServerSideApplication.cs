using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.ApiServer.Responses;
using LlmKube.Operator.LocalCluster.ApiServer.Writing;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Patching;

/// <summary>One server-side apply: what a manager wants, merged into what is there.</summary>
internal sealed class ServerSideApplication(ResourceDefinition resource, JsonObject applied, WriteOptions options, bool force, WriteScope scope, TimeProvider time)
{
    /// <exception cref="ApiException">400: the configuration is not about this object.</exception>
    public static void Check(ResourceDefinition resource, JsonObject applied, string name, string @namespace)
    {
        if (applied.Text("apiVersion") != resource.ApiVersion || applied.Text("kind") != resource.Kind)
        {
            throw ApiException.BadRequest($"invalid object type: {applied.Text("apiVersion")}, Kind={applied.Text("kind")}");
        }

        if (applied.Metadata.ContainsKey("managedFields")) throw ApiException.BadRequest("metadata.managedFields must be nil");
        var metadata = applied.Ensure("metadata");
        if (applied.Name.Length == 0) metadata["name"] = name;
        if (applied.Name != name) throw ApiException.BadRequest($"the name of the object ({applied.Name}) does not match the name on the URL ({name})");
        if (resource.Namespaced) metadata.Fill("namespace", @namespace);
    }

    /// <summary>The next version of a live object, or the first of one that is absent.</summary>
    public JsonObject To(JsonObject? live)
    {
        try
        {
            var merged = ServerSideApply.Apply(
                live is null ? null : ObjectViews.InVersion(resource, live),
                applied,
                new ApplyOptions(
                    options.FieldManager,
                    resource.ApiVersion,
                    time.GetUtcNow(),
                    force,
                    scope is WriteScope.Status ? "status" : null,
                    FieldOwners.ResetFields(resource, scope)),
                resource.Schema ?? Schema.Anything);
            return ObjectNormalizer.Normalize(resource, merged, options, [], applied: true);
        }
        catch (InvalidApplyException e)
        {
            throw e.IsBadRequest ? ApiException.BadRequest(e.Message) : ApiException.Unexplained(e.Message);
        }
        catch (ApplyConflictException e)
        {
            throw ApiException.ApplyConflict(e.Message, e.Conflicts.Select(c => new Cause("FieldManagerConflict", c.Path, $"conflict with {c.Manager}")));
        }
    }
}
