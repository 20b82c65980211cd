using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.ApiServer.Rules;
using LlmKube.Operator.LocalCluster.ApiServer.Writing;

namespace LlmKube.Operator.LocalCluster.ApiServer.Deletion;

/// <summary>
/// A CustomResourceDefinition that is deleted takes its objects along: they are deleted first, and the definition goes when the
/// last of them, which finalizers may hold, is gone.
/// </summary>
internal sealed class DefinitionCleanup(RuleContext context, ObjectWriter writer, ObjectDeleter deleter)
{
    private static readonly ResourceDefinition Definitions = BuiltInResources.All.First(r => r.Plural == "customresourcedefinitions");
    private static readonly WriteOptions Options = new() { User = new("system:apiserver", []), FieldManager = "kube-apiserver" };

    /// <summary>Looks after a definition that has just been marked for deletion.</summary>
    public void Begin(string definition)
    {
        foreach (var resource in context.Registry.Custom(definition).Take(1).ToList())
        {
            foreach (var stored in context.Store.Current(resource.Table).Contents)
            {
                try
                {
                    deleter.Delete(resource, stored.Json.Namespace, stored.Json.Name, new DeleteOptions());
                }
                catch (ApiException e) when (e.Code == 404)
                {
                    // Someone else has deleted it.
                }
            }
        }

        Finish(definition);
    }

    /// <summary>Lets a definition go that waits for nothing but this, if none of its objects is left.</summary>
    public void Finish(string definition)
    {
        if (context.Store.Find(Definitions.Table, definition)?.Json is not { IsDeleting: true } json) return;
        if (context.Store.Current(CustomResourceDefinitionRules.TableOf(json)).Contents.Count > 0) return;
        writer.Update(Definitions, "", definition, seen => Release(seen.Copy()), WriteScope.Internal, Options);
    }

    private static JsonObject Release(JsonObject definition)
    {
        var left = definition.Finalizers.Where(f => f != CustomResourceDefinitionRules.CleanupFinalizer).ToList();
        definition.Ensure("metadata").SetOrRemove("finalizers", left.Count == 0 ? null : ApiObject.List(left.Select(f => (JsonNode?)f)));
        return definition;
    }
}
