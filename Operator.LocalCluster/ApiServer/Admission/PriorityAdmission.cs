using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;

namespace LlmKube.Operator.LocalCluster.ApiServer.Admission;

/// <summary>Writes a pod's priority from its priority class, or from the class that is the global default.</summary>
internal sealed class PriorityAdmission(ObjectStore store)
{
    private const string Table = "scheduling.k8s.io/priorityclasses";

    public void Admit(ResourceDefinition resource, JsonObject pod)
    {
        var spec = pod.Ensure("spec");
        var name = spec.Text("priorityClassName") ?? "";
        var found = name.Length > 0
            ? store.Find(Table, name)?.Json ?? throw ApiException.Forbidden(resource.GroupResource, pod.Name, $"no PriorityClass with name {name} was found")
            : store.Current(Table).Contents.Select(c => c.Json).Where(c => c.Flag("globalDefault")).MinBy(c => c.Number("value") ?? 0);
        var priority = found?.Number("value") ?? 0;
        if (spec.Number("priority") is { } given && given != priority)
        {
            throw ApiException.Forbidden(resource.GroupResource, pod.Name, $"the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {priority} from the given PriorityClass name");
        }

        spec["priority"] = priority;
        if (found is not null) spec["priorityClassName"] = found.Name;
        spec.Fill("preemptionPolicy", found?.Text("preemptionPolicy") ?? "PreemptLowerPriority");
    }

    /// <summary>A manifest that is applied again doesn't say what admission wrote.</summary>
    public static void Keep(JsonObject pod, JsonObject old)
    {
        foreach (var field in (ReadOnlySpan<string>)["priority", "preemptionPolicy"])
        {
            if (old.At("spec", field) is { } value) pod.Ensure("spec").Fill(field, value.DeepClone());
        }
    }
}
