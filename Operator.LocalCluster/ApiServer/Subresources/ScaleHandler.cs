using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Patching;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;
using LlmKube.Operator.LocalCluster.ApiServer.Responses;
using LlmKube.Operator.LocalCluster.ApiServer.Rules;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;
using LlmKube.Operator.LocalCluster.ApiServer.Writing;

namespace LlmKube.Operator.LocalCluster.ApiServer.Subresources;

/// <summary>Shows an object as an autoscaling/v1 Scale and writes its replicas.</summary>
internal sealed class ScaleHandler(ObjectWriter writer, RuleContext context)
{
    public async Task HandleAsync(ApiRequest request)
    {
        var resource = request.Resource;
        if (request.Info.Verb is "get")
        {
            var found = context.Store.Find(resource.Table, StoredObject.KeyOf(request.Namespace, request.Name)) ?? throw ApiException.NotFound(resource.GroupResource, request.Name);
            await ResponseWriter.JsonAsync(request.Http, Scale.Of(resource, found.Json));
            return;
        }

        var body = ObjectReader.Parse(await request.ReadBodyAsync());
        var mediaType = request.MediaType();
        Func<JsonObject, JsonNode?> change = request.Info.Verb is "update" ? _ => body : mediaType switch
        {
            "application/json-patch+json" => seen => Patches.Json(seen, body),
            "application/merge-patch+json" or "application/strategic-merge-patch+json" => seen => Patches.Merge(seen, body),
            _ => throw ApiException.UnsupportedMediaType(["application/json-patch+json", "application/merge-patch+json"]),
        };
        var written = writer.Update(resource, request.Namespace, request.Name, seen => Scale.Apply(resource, seen.Copy(), change(Scale.Of(resource, seen))), WriteScope.Scale, request.WriteOptions());
        await ResponseWriter.JsonAsync(request.Http, Scale.Of(resource, written));
    }
}
