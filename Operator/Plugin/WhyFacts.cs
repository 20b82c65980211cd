using k8s.Models;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Plugin;

/// <summary>Everything that the answer to <c>why</c> follows from. Null is "looked for, and not there".</summary>
internal sealed record WhyFacts
{
    /// <summary>The present.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The service that was asked about; null: a Model was.</summary>
    public InferenceService? Service { get; init; }

    /// <summary>The Model that was asked about, or that the service names.</summary>
    public Model? Model { get; init; }

    /// <summary>The service's Deployment.</summary>
    public V1Deployment? Deployment { get; init; }

    /// <summary>The service's pods.</summary>
    public IReadOnlyList<V1Pod> Pods { get; init; } = [];

    /// <summary>The pods that fetch the Model.</summary>
    public IReadOnlyList<V1Pod> FetchPods { get; init; } = [];

    /// <summary>Events of the one of <see cref="Pods"/> that has tried to begin for the longest.</summary>
    public IReadOnlyList<Corev1Event> Events { get; init; } = [];

    /// <summary>The same of <see cref="FetchPods"/>.</summary>
    public IReadOnlyList<Corev1Event> FetchEvents { get; init; } = [];

    /// <summary>The other services, as namespace and name, whose pods are being replaced for the operator's sake; read where the service waits for that.</summary>
    public IReadOnlyList<(string Namespace, string Name)> Upgrading { get; init; } = [];

    /// <summary>Those services for which that fails or stands still, so that no other gets a turn.</summary>
    public IReadOnlyList<(string Namespace, string Name)> UpgradesStuck { get; init; } = [];

    /// <summary>The GPU resources that nodes have; null: nodes may not be read.</summary>
    public IReadOnlyList<string>? NodeResources { get; init; }

    /// <summary>The operator's Lease; null: there is none, or it may not be read.</summary>
    public V1Lease? Lease { get; init; }
}
