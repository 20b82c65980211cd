using KubeOps.Abstractions.Builder;
using LlmKube.Operator.Engine.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace KubeOps.Operator;

/// <summary>Where an operator's composition starts.</summary>
public static class ServiceCollectionExtensions
{
    /// <summary>
    /// Adds the operator to the host: its client, informers, workers, leader election, events, health checks and metrics. A
    /// <see cref="TimeProvider"/>, <see cref="k8s.KubernetesClientConfiguration"/> or <see cref="k8s.IKubernetes"/> that is registered
    /// before is used; without them the system clock and the default configuration (kubectl's kubeconfig, else in cluster) are. A
    /// <c>Func&lt;string, KubernetesClientConfiguration&gt;</c> in the services reads a kubeconfig so that the files that it names are followed. An
    /// <see cref="k8s.IKubernetes"/> of the host's own is used as it is: what goes through it past <c>IKubernetesClient</c> is not checked
    /// against the lease, not repeated on <c>Retry-After</c>, and not counted in <c>rest_client_requests_total</c>.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Changes the defaults.</param>
    /// <returns>Where controllers and finalizers are added.</returns>
    public static IOperatorBuilder AddKubernetesOperator(
        this IServiceCollection services, Action<OperatorSettingsBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var settings = new OperatorSettingsBuilder();
        configure?.Invoke(settings);
        return new OperatorBuilder(services, settings.Build());
    }
}
