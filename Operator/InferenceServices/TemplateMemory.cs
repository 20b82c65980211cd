using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>
/// What a Deployment remembers of the pod template that was applied last: so that a change that the operator's own version or options make can be told from one that users asked for,
/// and both from what somebody has changed by hand.
/// </summary>
/// <param name="Hash">Of the template as it was sent; null: an operator that did not remember it sent it.</param>
/// <param name="Versions">Which versions of the service, its Model and its claim it was made from.</param>
/// <param name="Wishes">A hash of what of those comes into pods.</param>
/// <param name="Fields">A hash of which fields were sent.</param>
internal sealed record TemplateMemory(string? Hash, string Versions, string Wishes, string Fields)
{
    /// <summary>That of a template that is about to be applied.</summary>
    /// <param name="seen">What was observed.</param>
    /// <param name="model">The service's Model.</param>
    /// <param name="template">The template.</param>
    /// <param name="before">What is remembered; of the same template and versions it stays as it is, even if this operator would put it otherwise.</param>
    public static TemplateMemory Of(ServiceSnapshot seen, Model model, V1PodTemplateSpec template, TemplateMemory? before)
    {
        var (service, claim, json) = (seen.Service, seen.Claim?.Metadata.Uid, KubernetesJson.Serialize(template));
        var hash = ShortHash.Of(json);
        var versions = $"{service.Metadata.Generation}/{model.Metadata.Uid}/{model.Metadata.Generation}/{claim}";
        if (before?.Hash == hash && before.Versions == versions) return before;
        return new(
            hash,
            versions,
            ShortHash.Of(KubernetesJson.Serialize(InPods(service.Spec)) + KubernetesJson.Serialize(InPods(model.Spec, isFetched: claim is null)) + claim),
            FieldsOf(JsonNode.Parse(json)));
    }

    /// <summary>That of a Deployment; null: it has none.</summary>
    public static TemplateMemory? Of(V1Deployment? deployment) =>
        deployment?.Metadata.Annotations is { } said && said.TryGetValue(Annotations.AppliedFor, out var all) && all.Split(' ') is [var versions, var wishes, var fields]
            ? new(said.TryGetValue(Annotations.DesiredHash, out var hash) ? hash : null, versions, wishes, fields)
            : null;

    /// <summary>What <see cref="Fields"/> is of a template.</summary>
    public static string FieldsOf(JsonNode? template) => ShortHash.Of(string.Join('\n', FieldPaths.Of(template)));

    /// <summary>
    /// True if users have changed what they want of pods since an earlier template. A number of replicas, which an autoscaler may change, is no such change; nor is a definition that reads
    /// the same object otherwise, as a newer one can.
    /// </summary>
    public bool HasOtherWishesThan(TemplateMemory? before) => before is not null && Versions != before.Versions && Wishes != before.Wishes;

    /// <summary>The annotations that hold it.</summary>
    public IEnumerable<KeyValuePair<string, string>> Annotated =>
        [.. Hash is null ? (IEnumerable<KeyValuePair<string, string>>)[] : [new(Annotations.DesiredHash, Hash)], new(Annotations.AppliedFor, $"{Versions} {Wishes} {Fields}")];

    // Without what never comes into a pod: who changes that asks for no other pods.
    private static InferenceServiceSpec InPods(InferenceServiceSpec spec) => spec with
    {
        Replicas = null,
        Endpoint = spec.Endpoint?.Port is { } port ? new() { Port = port } : null,
        Resources = spec.Resources is { } resources ? resources with { GpuMemory = null } : null,
    };

    private static ModelSpec InPods(ModelSpec spec, bool isFetched) => spec with
    {
        Sha256 = isFetched ? spec.Sha256 : null,
        SourceSecretRef = isFetched ? spec.SourceSecretRef : null,
        CaCertConfigMapRef = isFetched ? spec.CaCertConfigMapRef : null,
        RefreshPolicy = null,
        DeletionPolicy = null,
        Prefetch = null,
        PrefetchTolerations = null,
        Format = null,
        Quantization = null,
        Hardware = spec.Hardware is { Gpu: { } gpu } hardware ? hardware with { Gpu = gpu with { Memory = null } } : spec.Hardware,
    };
}
