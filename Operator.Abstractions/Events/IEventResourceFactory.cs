using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Events;

/// <summary>Shapes the Events that are published.</summary>
public interface IEventResourceFactory
{
    /// <summary>The Event to create. Two Events of one name are one Event with a higher count.</summary>
    /// <param name="entity">The object.</param>
    /// <param name="reason">One CamelCase word for programs.</param>
    /// <param name="message">A sentence for people.</param>
    /// <param name="type">Whether it is as it should be.</param>
    Corev1Event CreateEvent(IKubernetesObject<V1ObjectMeta> entity, string reason, string message, EventType type);
}
