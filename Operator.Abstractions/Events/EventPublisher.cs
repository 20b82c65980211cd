using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Events;

/// <summary>Tells the user of something that happened to an object, as an Event that <c>kubectl describe</c> shows.</summary>
/// <param name="entity">The object.</param>
/// <param name="reason">One CamelCase word for programs.</param>
/// <param name="message">A sentence for people.</param>
/// <param name="type">Whether it is as it should be.</param>
/// <param name="cancellationToken">Gives up.</param>
public delegate Task EventPublisher(
    IKubernetesObject<V1ObjectMeta> entity,
    string reason,
    string message,
    EventType type = EventType.Normal,
    CancellationToken cancellationToken = default);

/// <summary>Makes the publishers that are injected.</summary>
public interface IEventPublisherFactory
{
    /// <summary>A publisher.</summary>
    EventPublisher Create();
}
