using System.Text;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Authorization;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Patching;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;
using LlmKube.Operator.LocalCluster.ApiServer.Responses;
using LlmKube.Operator.LocalCluster.ApiServer.Rules;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;
using LlmKube.Operator.LocalCluster.ApiServer.Writing;

namespace LlmKube.Operator.LocalCluster.ApiServer.Verbs;

/// <summary>Patches an object or its status; server-side apply creates it where it is absent.</summary>
internal sealed class PatchHandler(ObjectWriter writer, RuleContext context, RbacAuthorizer authorizer)
{
    private const string Json = "application/json-patch+json";
    private const string Merge = "application/merge-patch+json";
    private const string Strategic = "application/strategic-merge-patch+json";
    private const string Apply = "application/apply-patch+yaml";

    public async Task HandleAsync(ApiRequest request, WriteScope scope)
    {
        var resource = request.Resource;
        var options = request.WriteOptions() with { IsPatch = true };
        var mediaType = request.MediaType();
        var body = await request.ReadBodyAsync();
        if (mediaType is Apply)
        {
            await ApplyAsync(request, YamlReader.Parse(Encoding.UTF8.GetString(body)), options, scope);
            return;
        }

        if (request.Query("force").Length > 0) throw OptionInvalid("force", "Forbidden: may not be specified for non-apply patch");
        var patch = ObjectReader.Parse(body);
        Func<JsonObject, JsonObject> change = mediaType switch
        {
            Json => seen => Patches.Json(seen, patch),
            Merge => seen => Patches.Merge(seen, patch),
            Strategic when !resource.IsCustom => seen => Patches.Strategic(resource, seen, patch),
            _ => throw ApiException.UnsupportedMediaType(resource.IsCustom ? [Json, Merge, Apply] : [Json, Merge, Strategic, Apply]),
        };
        var patched = writer.Update(
            resource, request.Namespace, request.Name, seen => ObjectNormalizer.Normalize(resource, change(ObjectViews.InVersion(resource, seen).Copy()), options, []), scope, options);
        await ResponseWriter.ObjectAsync(request, resource, patched, context.Time);
    }

    private Task ApplyAsync(ApiRequest request, JsonNode? body, WriteOptions options, WriteScope scope)
    {
        var resource = request.Resource;
        if (body is not JsonObject applied) throw ApiException.BadRequest("the body must be an object");
        if (request.Query("fieldManager").Length == 0) throw OptionInvalid("fieldManager", "Required value: is required for apply patch");
        ServerSideApplication.Check(resource, applied, request.Name, request.Namespace);
        var apply = new ServerSideApplication(resource, applied, options, request.Flag("force"), scope, context.Time);
        while (true)
        {
            if (context.Store.Find(resource.Table, StoredObject.KeyOf(request.Namespace, request.Name)) is not null)
            {
                var patched = writer.Update(resource, request.Namespace, request.Name, apply.To, scope, options, applied: true);
                return ResponseWriter.ObjectAsync(request, resource, patched, context.Time);
            }

            if (scope is not WriteScope.Main) throw ApiException.NotFound(resource.GroupResource, request.Name);
            if (applied.Uid.Length > 0) throw ApiException.Conflict(resource.GroupResource, request.Name, $"uid mismatch: the provided object specified uid {applied.Uid}, and no existing object was found");
            authorizer.Demand(request.User, request.Info with { Verb = "create" });
            try
            {
                return ResponseWriter.ObjectAsync(request, resource, writer.Create(resource, request.Namespace, apply.To(null), options, applied: true), context.Time, 201);
            }
            catch (ApiException e) when (e.Status.Text("reason") is "AlreadyExists" && !options.DryRun)
            {
                // Someone else created it in between: now it is there to be patched.
            }
        }
    }

    private static ApiException OptionInvalid(string field, string message) =>
        ApiException.Invalid("PatchOptions", "meta.k8s.io", "", new Cause(message.StartsWith("Required", StringComparison.Ordinal) ? "FieldValueRequired" : "FieldValueForbidden", field, message));
}
