using System.Text;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Defaults of the core group's other kinds.</summary>
internal static class CoreDefaults
{
    public static void Service(JsonObject service)
    {
        var spec = service.Part("spec");
        spec.SetDefault("type", "ClusterIP");
        spec.SetDefault("sessionAffinity", "None");
        var type = spec["type"].AsText();
        if (spec["sessionAffinity"].AsText() is "ClientIP")
        {
            spec.Part("sessionAffinityConfig").Part("clientIP").SetDefault("timeoutSeconds", 10_800);
        }

        if (type is not "ExternalName")
        {
            spec.SetDefault("internalTrafficPolicy", "Cluster");
        }

        if (type is "NodePort" or "LoadBalancer")
        {
            spec.SetDefault("externalTrafficPolicy", "Cluster");
        }

        if (type is "LoadBalancer")
        {
            spec.SetDefault("allocateLoadBalancerNodePorts", true);
        }

        foreach (var port in spec.Each("ports"))
        {
            port.SetDefault("protocol", "TCP");
            if (port["port"] is { } number && (port["targetPort"] is null || port["targetPort"].AsText() is "" || port["targetPort"].AsInteger() is 0))
            {
                port["targetPort"] = number.DeepClone();
            }
        }
    }

    public static void Secret(JsonObject secret)
    {
        secret.SetDefault("type", "Opaque");
        if (secret["stringData"] is JsonObject texts)
        {
            foreach (var (key, text) in texts)
            {
                secret.Part("data")[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text.AsText() ?? ""));
            }

            secret.Remove("stringData");
        }
    }

    public static void Namespace(JsonObject space)
    {
        space.Part("status").SetDefault("phase", "Active");
        if (space.At("metadata", "name").AsText() is { Length: > 0 } name)
        {
            space.Part("metadata").Part("labels")["kubernetes.io/metadata.name"] = name;
        }
    }

    public static void Node(JsonObject node)
    {
        var status = node.Part("status");
        if (status["capacity"] is JsonObject capacity)
        {
            status.SetDefault("allocatable", capacity.DeepClone());
        }
    }

    public static void PersistentVolume(JsonObject volume)
    {
        volume.Part("status").SetDefault("phase", "Pending");
        var spec = volume.Part("spec");
        spec.SetDefault("persistentVolumeReclaimPolicy", "Retain");
        spec.SetDefault("volumeMode", "Filesystem");
    }

    public static void PersistentVolumeClaim(JsonObject claim)
    {
        claim.Part("status").SetDefault("phase", "Pending");
        claim.Part("spec").SetDefault("volumeMode", "Filesystem");
    }

    public static void Endpoints(JsonObject endpoints)
    {
        foreach (var port in endpoints.Each("subsets").SelectMany(subset => subset.Each("ports")))
        {
            port.SetDefault("protocol", "TCP");
        }
    }
}
