namespace LlmKube.Operator.Entities;

/// <summary>Types of Kubernetes Services that an <see cref="EndpointSpec"/> can ask for.</summary>
public static class ServiceTypes
{
    /// <summary>Reached inside the cluster.</summary>
    public const string ClusterIP = "ClusterIP";

    /// <summary>Reached at a port of every node.</summary>
    public const string NodePort = "NodePort";

    /// <summary>Reached from outside.</summary>
    public const string LoadBalancer = "LoadBalancer";
}
