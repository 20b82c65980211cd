using System.Globalization;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Defaults of the kinds outside the core group that make no pods.</summary>
internal static class PolicyDefaults
{
    private const string Rbac = "rbac.authorization.k8s.io";

    public static void Autoscaler(JsonObject autoscaler)
    {
        var spec = autoscaler.Part("spec");
        spec.SetDefault("minReplicas", 1);
        if (autoscaler["apiVersion"].AsText() is "autoscaling/v2")
        {
            spec.SetDefault("metrics", new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject
                {
                    ["name"] = "cpu",
                    ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = 80 },
                },
            }));
        }
    }

    public static void NetworkPolicy(JsonObject policy)
    {
        var spec = policy.Part("spec");
        foreach (var port in spec.Each("ingress").Concat(spec.Each("egress")).SelectMany(rule => rule.Each("ports")))
        {
            port.SetDefault("protocol", "TCP");
        }

        if (spec["policyTypes"] is null)
        {
            spec["policyTypes"] = spec.Each("egress").Any() ? new JsonArray("Ingress", "Egress") : new JsonArray("Ingress");
        }
    }

    public static void EndpointSlice(JsonObject slice)
    {
        foreach (var port in slice.Each("ports"))
        {
            if (port["name"] is null)
            {
                port["name"] = "";
            }

            port.SetDefault("protocol", "TCP");
        }
    }

    public static void RoleBinding(JsonObject binding)
    {
        binding.Part("roleRef").SetDefault("apiGroup", Rbac);
        foreach (var subject in binding.Each("subjects").Where(subject => subject["kind"].AsText() is "User" or "Group"))
        {
            subject.SetDefault("apiGroup", Rbac);
        }
    }

    public static void StorageClass(JsonObject storage)
    {
        storage.SetDefault("reclaimPolicy", "Delete");
        storage.SetDefault("volumeBindingMode", "Immediate");
    }

    public static void CustomResourceDefinition(JsonObject definition)
    {
        var spec = definition.Part("spec");
        spec.Part("conversion").SetDefault("strategy", "None");
        var names = spec.Part("names");
        if (names["kind"].AsText() is { Length: > 0 } kind)
        {
            names.SetDefault("singular", kind.ToLower(CultureInfo.InvariantCulture));
            names.SetDefault("listKind", $"{kind}List");
        }
    }
}
