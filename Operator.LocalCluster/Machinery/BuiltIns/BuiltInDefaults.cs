using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Brings an object of a built-in kind into the form in which the real server stores it: tidied, and its absent fields filled.</summary>
internal static class BuiltInDefaults
{
    private static readonly Dictionary<(string Group, string Kind), Action<JsonObject>> Kinds = new()
    {
        [("", "Pod")] = PodDefaults.Pod,
        [("", "PodTemplate")] = template => PodDefaults.Spec(template.Part("template").Part("spec")),
        [("", "ReplicationController")] = controller => WorkloadDefaults.ReplicaSet(controller.Part("spec")),
        [("", "Service")] = CoreDefaults.Service,
        [("", "Secret")] = CoreDefaults.Secret,
        [("", "Namespace")] = CoreDefaults.Namespace,
        [("", "Node")] = CoreDefaults.Node,
        [("", "PersistentVolume")] = CoreDefaults.PersistentVolume,
        [("", "PersistentVolumeClaim")] = CoreDefaults.PersistentVolumeClaim,
        [("", "Endpoints")] = CoreDefaults.Endpoints,
        [("apps", "Deployment")] = deployment => WorkloadDefaults.Deployment(deployment.Part("spec")),
        [("apps", "ReplicaSet")] = set => WorkloadDefaults.ReplicaSet(set.Part("spec")),
        [("apps", "StatefulSet")] = set => WorkloadDefaults.StatefulSet(set.Part("spec")),
        [("apps", "DaemonSet")] = set => WorkloadDefaults.DaemonSet(set.Part("spec")),
        [("batch", "Job")] = job => WorkloadDefaults.Job(job.Part("spec")),
        [("batch", "CronJob")] = job => WorkloadDefaults.CronJob(job.Part("spec")),
        [("autoscaling", "HorizontalPodAutoscaler")] = PolicyDefaults.Autoscaler,
        [("networking.k8s.io", "NetworkPolicy")] = PolicyDefaults.NetworkPolicy,
        [("discovery.k8s.io", "EndpointSlice")] = PolicyDefaults.EndpointSlice,
        [("rbac.authorization.k8s.io", "RoleBinding")] = PolicyDefaults.RoleBinding,
        [("rbac.authorization.k8s.io", "ClusterRoleBinding")] = PolicyDefaults.RoleBinding,
        [("scheduling.k8s.io", "PriorityClass")] = priority => priority.SetDefault("preemptionPolicy", "PreemptLowerPriority"),
        [("storage.k8s.io", "StorageClass")] = PolicyDefaults.StorageClass,
        [("apiextensions.k8s.io", "CustomResourceDefinition")] = PolicyDefaults.CustomResourceDefinition,
    };

    /// <returns>A copy in stored form; the version is the object's own. Kinds that are not built in come back as they are.</returns>
    public static JsonObject Apply(string group, string kind, JsonObject document)
    {
        var result = document.Clone();
        var apiVersion = document["apiVersion"].AsText() ?? "";
        var version = apiVersion[(apiVersion.IndexOf('/', StringComparison.Ordinal) + 1)..];
        if (BuiltInSchemas.For(group, version, kind) is not { } schema)
        {
            return result;
        }

        BuiltInShape.Tidy(result, schema);
        BuiltInShape.Complete(result, schema);
        if (Kinds.TryGetValue((group, kind), out var fill))
        {
            fill(result);
        }

        return result;
    }

    /// <summary>Sets a field that is absent, null or the empty string.</summary>
    public static void SetDefault(this JsonObject fields, string name, JsonNode value)
    {
        if (fields[name] is null || fields[name].AsText() is "")
        {
            fields[name] = value;
        }
    }

    /// <summary>The object below a field, put there if there is none.</summary>
    public static JsonObject Part(this JsonObject fields, string name)
    {
        if (fields[name] is not JsonObject part)
        {
            fields[name] = part = [];
        }

        return part;
    }

    /// <summary>The objects of a list; none when the list is absent.</summary>
    public static IEnumerable<JsonObject> Each(this JsonObject? fields, string name) =>
        (fields?[name] as JsonArray ?? []).OfType<JsonObject>();
}
