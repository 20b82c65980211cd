using k8s.Models;

using KubeOps.Abstractions.Entities;

namespace KubeOps.Abstractions.Webhooks;

/// <summary>A webhook that may change objects.</summary>
/// <param name="Metadata">The kind.</param>
/// <param name="Uri">Where the API server calls.</param>
/// <param name="CaBundle">What signed the server's certificate; null trusts the system's roots.</param>
public record MutatingWebhookRegistration(EntityMetadata Metadata, Uri Uri, byte[]? CaBundle);

/// <summary>A webhook that may refuse objects.</summary>
/// <param name="Metadata">The kind.</param>
/// <param name="Uri">Where the API server calls.</param>
/// <param name="CaBundle">What signed the server's certificate; null trusts the system's roots.</param>
public record ValidatingWebhookRegistration(EntityMetadata Metadata, Uri Uri, byte[]? CaBundle);

/// <summary>Shapes the webhook configurations that are installed.</summary>
/// <remarks>Declared for KubeOps' sake: this engine serves no webhooks.</remarks>
public interface IWebhookConfigurationFactory
{
    /// <summary>The configuration of the webhooks that change.</summary>
    /// <param name="registrations">The webhooks.</param>
    V1MutatingWebhookConfiguration CreateMutatingConfiguration(IEnumerable<MutatingWebhookRegistration> registrations);

    /// <summary>The configuration of the webhooks that refuse.</summary>
    /// <param name="registrations">The webhooks.</param>
    V1ValidatingWebhookConfiguration CreateValidatingConfiguration(IEnumerable<ValidatingWebhookRegistration> registrations);
}
