using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;
using LlmKube.Operator.LocalCluster.ApiServer.Responses;
using LlmKube.Operator.LocalCluster.ApiServer.Rules;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;
using LlmKube.Operator.LocalCluster.ApiServer.Writing;

namespace LlmKube.Operator.LocalCluster.ApiServer.Verbs;

/// <summary>Reads one object.</summary>
internal sealed class GetHandler(RuleContext context)
{
    public Task HandleAsync(ApiRequest request)
    {
        if (request.Query("resourceVersion") is { Length: > 0 } version && Revisions.Parse(version) is var revision && revision > context.Store.Revision)
        {
            throw ApiException.TooLarge(revision, context.Store.Revision);
        }

        var found = context.Store.Find(request.Resource.Table, StoredObject.KeyOf(request.Namespace, request.Name));
        return found is null
            ? throw ApiException.NotFound(request.Resource.GroupResource, request.Name)
            : ResponseWriter.ObjectAsync(request, request.Resource, found.Json, context.Time);
    }
}

/// <summary>Creates an object.</summary>
internal sealed class CreateHandler(ObjectWriter writer, RuleContext context)
{
    public async Task HandleAsync(ApiRequest request)
    {
        var options = request.WriteOptions();
        var body = ObjectNormalizer.Normalize(request.Resource, await request.ReadObjectAsync(), options, request.Duplicates);
        var created = writer.Create(request.Resource, request.Namespace, body, options);
        await ResponseWriter.ObjectAsync(request, request.Resource, created, context.Time, 201);
    }
}

/// <summary>Replaces an object, its status, or a namespace's spec.finalizers.</summary>
internal sealed class UpdateHandler(ObjectWriter writer, RuleContext context)
{
    public async Task HandleAsync(ApiRequest request, WriteScope scope)
    {
        var options = request.WriteOptions();
        var resource = request.Resource;
        var body = ObjectNormalizer.Normalize(resource, await request.ReadObjectAsync(), options, request.Duplicates);
        if (body.Name.Length == 0) throw ApiException.BadRequest("name must be provided");
        if (body.Name != request.Name) throw ApiException.BadRequest($"the name of the object ({body.Name}) does not match the name on the URL ({request.Name})");
        if (resource.CreateOnUpdate && scope is WriteScope.Main && context.Store.Find(resource.Table, StoredObject.KeyOf(request.Namespace, request.Name)) is null)
        {
            body.Ensure("metadata").Remove("resourceVersion");
            await ResponseWriter.ObjectAsync(request, resource, writer.Create(resource, request.Namespace, body, options), context.Time, 201);
            return;
        }

        var written = writer.Update(resource, request.Namespace, request.Name, _ => body.Copy(), scope, options);
        await ResponseWriter.ObjectAsync(request, resource, written, context.Time);
    }
}
