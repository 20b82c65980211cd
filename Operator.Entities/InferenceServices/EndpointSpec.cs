using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>Where clients reach an InferenceService.</summary>
public sealed record EndpointSpec
{
    /// <summary>The port of the Service and of the server, 1 to 65535. Default: 8080.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(65535)]
    [DefaultValue(InferenceServiceDefaults.Port)]
    public int? Port { get; set; }

    /// <summary>
    /// The HTTP path of the API, used for the address in status.endpoint. At most 1024 characters, no white space.
    /// Default: /v1/chat/completions.
    /// </summary>
    [Length(maxLength: 1024)]
    [Pattern(@"^\S*$")]
    [DefaultValue(InferenceServiceDefaults.Path)]
    public string? Path { get; set; }

    /// <summary>
    /// The type of the Service: ClusterIP (inside the cluster), NodePort (a port of every node) or LoadBalancer (an address from
    /// outside). Default: ClusterIP.
    /// </summary>
    [EnumValues(ServiceTypes.ClusterIP, ServiceTypes.NodePort, ServiceTypes.LoadBalancer)]
    [DefaultValue(ServiceTypes.ClusterIP)]
    public string? Type { get; set; }
}
