using k8s;
using k8s.Models;

using KubeOps.Abstractions.Logging;

using Microsoft.Extensions.DependencyInjection;

namespace KubeOps.Abstractions.Builder;

/// <summary>Registers what adds to log scopes.</summary>
public static class EntityLoggingScopeEnricherBuilderExtensions
{
    /// <summary>Adds an enricher of the log scopes of one kind, as a singleton.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <typeparam name="TEnricher">The enricher.</typeparam>
    /// <param name="builder">The operator's builder.</param>
    /// <returns>The same builder.</returns>
    public static IOperatorBuilder AddEntityLoggingScopeEnricher<TEntity, TEnricher>(this IOperatorBuilder builder)
        where TEntity : IKubernetesObject<V1ObjectMeta>
        where TEnricher : class, IEntityLoggingScopeEnricher<TEntity>
    {
        builder.Services.AddSingleton<IEntityLoggingScopeEnricher<TEntity>, TEnricher>();
        return builder;
    }
}
