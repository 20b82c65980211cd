using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Deletion;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;
using LlmKube.Operator.LocalCluster.ApiServer.Responses;
using LlmKube.Operator.LocalCluster.ApiServer.Rules;
using LlmKube.Operator.LocalCluster.ApiServer.Writing;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Subresources;

/// <summary>Puts a pod on a node, as a scheduler asks for.</summary>
internal sealed class BindingHandler(ObjectWriter writer, RuleContext context)
{
    public async Task HandleAsync(ApiRequest request)
    {
        var binding = await request.ReadObjectAsync() as JsonObject ?? throw ApiException.BadRequest("expected a Binding");
        var node = binding.Text("target", "name");
        if (string.IsNullOrEmpty(node)) throw ApiException.Invalid("Binding", "", request.Name, new Cause("FieldValueRequired", "target.name", "Required value"));
        writer.Update(request.Resource, request.Namespace, request.Name, pod => Bind(request, pod.Copy(), node), WriteScope.Internal, request.WriteOptions());
        await ResponseWriter.JsonAsync(request.Http, Statuses.Success(), 201);
    }

    private JsonObject Bind(ApiRequest request, JsonObject pod, string node)
    {
        var resource = new GroupResource("", "pods/binding");
        if (pod.IsDeleting) throw ApiException.Conflict(resource, request.Name, $"pod {request.Name} is being deleted, cannot be assigned to a host");
        if (pod.Text("spec", "nodeName") is { Length: > 0 } current) throw ApiException.Conflict(resource, request.Name, $"pod {request.Name} is already assigned to node \"{current}\"");
        pod.Ensure("spec")["nodeName"] = node;
        var status = pod.Ensure("status");
        status["conditions"] = ApiObject.List([
            .. status.Objects("conditions").Where(c => c.Text("type") is not "PodScheduled").Select(c => c.DeepClone()),
            new JsonObject { ["type"] = "PodScheduled", ["status"] = "True", ["lastProbeTime"] = null, ["lastTransitionTime"] = Timestamps.Now(context.Time) },
        ]);
        return pod;
    }
}

/// <summary>Deletes a pod if the disruption budgets that select it allow it, and counts it there.</summary>
internal sealed class EvictionHandler(ObjectWriter writer, ObjectDeleter deleter, RuleContext context)
{
    private const int RetryAfterSeconds = 10;

    public async Task HandleAsync(ApiRequest request)
    {
        var eviction = await request.ReadObjectAsync() as JsonObject ?? throw ApiException.BadRequest("expected an Eviction");
        var options = DeleteOptions.Of(eviction["deleteOptions"] as JsonObject ?? []);
        var pod = context.Store.Find(request.Resource.Table, Storage.StoredObject.KeyOf(request.Namespace, request.Name))?.Json ?? throw ApiException.NotFound(request.Resource.GroupResource, request.Name);
        // A pod that does not run yet, or no longer, disrupts nobody.
        if (!pod.IsDeleting && pod.Text("status", "phase") is not ("Pending" or "Succeeded" or "Failed")) Charge(request, pod, options.DryRun);
        deleter.Delete(request.Resource, request.Namespace, request.Name, options);
        await ResponseWriter.JsonAsync(request.Http, Statuses.Success(), 201);
    }

    private void Charge(ApiRequest request, JsonObject pod, bool dryRun)
    {
        var budgets = BuiltInResources.All.First(r => r.Plural == "poddisruptionbudgets");
        var selecting = context.Store.Current(budgets.Table).From(request.Namespace, "").Where(b => Selects(b.Json, pod)).Select(b => b.Json.Name).ToList();
        if (selecting.Count > 1) throw ApiException.Internal("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
        foreach (var name in selecting)
        {
            writer.Update(budgets, request.Namespace, name, budget => Take(budget.Copy(), pod.Name), WriteScope.Internal, request.WriteOptions() with { DryRun = dryRun });
        }
    }

    private JsonObject Take(JsonObject budget, string pod)
    {
        var status = budget.Ensure("status");
        if ((status.Number("observedGeneration") ?? 0) < budget.Generation) throw Refused($"The disruption budget {budget.Name} is still being processed by the server.");
        var allowed = status.Number("disruptionsAllowed") ?? 0;
        if (allowed <= 0) throw Refused($"The disruption budget {budget.Name} needs {status.Number("desiredHealthy") ?? 0} healthy pods and has {status.Number("currentHealthy") ?? 0} currently");
        status["disruptionsAllowed"] = allowed - 1;
        status.Ensure("disruptedPods")[pod] = Timestamps.Now(context.Time);
        return budget;
    }

    private static ApiException Refused(string why) =>
        ApiException.TooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", RetryAfterSeconds, new Cause("DisruptionBudget", "", why));

    private static bool Selects(JsonObject budget, JsonObject pod) =>
        budget.At("spec", "selector") is JsonObject selector && LabelSelector.From(selector) is { } labels && labels.Matches(pod.Labels);
}
