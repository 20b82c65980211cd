using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Patching;

/// <summary>The three kinds of patch that say what to change, with the refusals of a real API server.</summary>
internal static class Patches
{
    private const int MostOperations = 10_000;

    public static JsonObject Json(JsonObject seen, JsonNode? patch)
    {
        if (patch is not JsonArray operations) throw ApiException.BadRequest("error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp");
        if (operations.Count > MostOperations) throw ApiException.BadRequest($"The allowed maximum operations in a JSON patch is {MostOperations}, got {operations.Count}");
        try
        {
            return JsonPatch.Apply(seen, operations) as JsonObject ?? throw ApiException.BadRequest("the patched object is no object");
        }
        catch (PatchException e)
        {
            throw Refused(e);
        }
    }

    public static JsonObject Merge(JsonObject seen, JsonNode? patch) =>
        MergePatch.Apply(seen, patch as JsonObject ?? throw ApiException.BadRequest("error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"));

    public static JsonObject Strategic(ResourceDefinition resource, JsonObject seen, JsonNode? patch)
    {
        var merge = patch as JsonObject ?? throw ApiException.BadRequest("error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}");
        try
        {
            return StrategicMergePatch.Apply(seen, merge, resource.Schema ?? Schema.Anything);
        }
        catch (PatchException e)
        {
            throw Refused(e);
        }
    }

    private static ApiException Refused(PatchException e) => e.Failure switch
    {
        PatchFailure.Malformed => ApiException.BadRequest(e.Message),
        PatchFailure.Inapplicable => ApiException.Unprocessable(e.Message),
        _ => ApiException.Unexplained(e.Message),
    };
}
