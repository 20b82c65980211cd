using System.Security.Cryptography;
using System.Text;
using k8s.Models;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Names and labels of a service's children: deterministic, and valid whatever the service is called.</summary>
internal static class ServiceNames
{
    private const int HashLength = 8;

    /// <summary>The name of Deployment and PodDisruptionBudget, and the value of the labels: the service's own, shortened with a hash above 63 characters.</summary>
    public static string Child(string service) => Fit(service, service);

    /// <summary>
    /// The name of the Kubernetes Service, which allows no dots and begins with a letter. <c>a.b</c> and <c>a-b</c> give the same name, as with the
    /// Go operator (LLMKube); the second to come has a name conflict.
    /// </summary>
    public static string Endpoint(string service)
    {
        var flat = service.Replace('.', '-');
        return Fit(char.IsAsciiLetter(flat[0]) ? flat : $"s-{flat}", service);
    }

    /// <summary>The labels that select a service's pods. The model is not among them, so that it can change.</summary>
    public static Dictionary<string, string> Selector(string service) => new()
    {
        [Labels.App] = Child(service),
        [Labels.Service] = Child(service),
    };

    /// <summary>The labels of every child.</summary>
    public static Dictionary<string, string> LabelsOf(InferenceService service) => new()
    {
        [Labels.App] = Child(service.Metadata.Name),
        [Labels.Managed] = Managed.Value,
        [Labels.Model] = Child(service.Spec.ModelRef),
        [Labels.Runtime] = Runtimes.LlamaCpp,
        [Labels.Service] = Child(service.Metadata.Name),
    };

    /// <summary>The service that a pod belongs to; null if it belongs to none.</summary>
    /// <remarks>A name that does not fit into a label is in an annotation of the same key.</remarks>
    public static string? OfPod(V1Pod pod) =>
        pod.Metadata.Annotations?.TryGetValue(Labels.Service, out var whole) == true ? whole
        : pod.Metadata.Labels?.TryGetValue(Labels.Service, out var name) == true ? name
        : null;

    private static string Fit(string name, string identity)
    {
        if (name.Length <= Names.MaxLabelLength) return name;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..HashLength];
        return $"{name[..(Names.MaxLabelLength - HashLength - 1)].TrimEnd('-', '.')}-{hash}";
    }
}
