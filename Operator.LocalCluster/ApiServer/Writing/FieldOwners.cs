using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Writing;

/// <summary>metadata.managedFields: who set which field.</summary>
internal static class FieldOwners
{
    /// <summary>The object with its managedFields after an update by the options' manager.</summary>
    public static JsonObject Update(ResourceDefinition resource, JsonObject? old, JsonObject json, WriteOptions options, WriteScope scope, TimeProvider time)
    {
        if (scope is WriteScope.Internal || resource.Schema is null) return json;
        var subresource = scope switch { WriteScope.Status => "status", WriteScope.Scale => "scale", _ => null };
        return ManagedFields.TrackUpdate(old, json, new(options.FieldManager, resource.ApiVersion, time.GetUtcNow(), subresource, ResetFields(resource, scope)), resource.Schema);
    }

    /// <summary>What an endpoint doesn't write, and so nobody owns through it.</summary>
    public static IReadOnlyList<string> ResetFields(ResourceDefinition resource, WriteScope scope) => (resource.HasStatus, scope) switch
    {
        (false, _) => [],
        (true, WriteScope.Status) => resource.IsCustom ? ["spec", "metadata"] : ["spec"],
        _ => ["status"],
    };
}
