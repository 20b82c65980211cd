using System.Globalization;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;
using LlmKube.Operator.LocalCluster.ApiServer.Responses;
using LlmKube.Operator.LocalCluster.ApiServer.Rules;

namespace LlmKube.Operator.LocalCluster.ApiServer.Deletion;

/// <summary>Deletes one object or a selection of them.</summary>
internal sealed class DeleteHandler(ObjectDeleter deleter, RuleContext context)
{
    public async Task HandleAsync(ApiRequest request)
    {
        var options = await DeleteOptions.OfAsync(request);
        var (json, gone) = deleter.Delete(request.Resource, request.Namespace, request.Name, options);
        if (gone && !request.Resource.ReturnsDeleted) await ResponseWriter.JsonAsync(request.Http, Success(request.Resource, json));
        else await ResponseWriter.ObjectAsync(request, request.Resource, json, context.Time, !gone && options.TellsIfPending ? 202 : 200);
    }

    public async Task HandleCollectionAsync(ApiRequest request)
    {
        if (!request.Resource.DeletesCollections) throw ApiException.MethodNotAllowed();
        var selection = Selection.Of(request);
        var options = await DeleteOptions.OfAsync(request);
        var snapshot = context.Store.Current(request.Resource.Table);
        var items = new JsonArray();
        foreach (var stored in snapshot.From(selection.Namespace, "").Where(s => selection.Matches(s.Json)))
        {
            items.Add(stored.Json.DeepClone());
            try
            {
                deleter.Delete(request.Resource, stored.Json.Namespace, stored.Json.Name, options);
            }
            catch (ApiException e) when (e.Code == 404)
            {
                // It is gone already, which is what was asked for.
            }
        }

        await ResponseWriter.JsonAsync(request.Http, new JsonObject
        {
            ["kind"] = request.Resource.ListKind,
            ["apiVersion"] = request.Resource.ApiVersion,
            ["metadata"] = new JsonObject { ["resourceVersion"] = snapshot.Revision.ToString(CultureInfo.InvariantCulture) },
            ["items"] = items,
        });
    }

    private static JsonObject Success(ResourceDefinition resource, JsonObject json)
    {
        var details = new JsonObject { ["name"] = json.Name };
        if (resource.Group.Length > 0) details["group"] = resource.Group;
        details["kind"] = resource.Plural;
        details["uid"] = json.Uid;
        return new() { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["details"] = details };
    }
}
