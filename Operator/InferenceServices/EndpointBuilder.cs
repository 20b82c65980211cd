using k8s.Models;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Builds the Kubernetes Service in front of the pods, and its address.</summary>
internal static class EndpointBuilder
{
    /// <summary>The Service as it should be. The pods' port is found by name, so that old and new pods serve while its number changes.</summary>
    public static V1Service Build(InferenceService service) => new()
    {
        ApiVersion = "v1",
        Kind = V1Service.KubeKind,
        Metadata = ServiceChild.Metadata(service, ServiceNames.Endpoint(service.Metadata.Name)),
        Spec = new V1ServiceSpec
        {
            Type = service.Spec.Endpoint?.Type ?? ServiceTypes.ClusterIP,
            Selector = ServiceNames.Selector(service.Metadata.Name),
            Ports =
            [
                new V1ServicePort
                {
                    Name = DeploymentBuilder.PortName,
                    Port = ServerArguments.PortOf(service.Spec),
                    TargetPort = DeploymentBuilder.PortName,
                    Protocol = "TCP",
                },
            ],
        },
    };

    /// <summary>The address inside the cluster.</summary>
    public static string AddressOf(InferenceService service)
    {
        var (meta, spec) = (service.Metadata, service.Spec);
        return $"http://{ServiceNames.Endpoint(meta.Name)}.{meta.NamespaceProperty}.svc.cluster.local:{ServerArguments.PortOf(spec)}/{(spec.Endpoint?.Path ?? InferenceServiceDefaults.Path).TrimStart('/')}";
    }
}
