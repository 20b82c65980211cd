using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.InferenceServices;

/// <summary>How the weights come into the pods of a service: from a claim, or by a fetch of each pod's own.</summary>
/// <param name="Path">The path of the file that is served.</param>
/// <param name="MountPath">Where the volume is mounted.</param>
/// <param name="Volumes">The volume, and what else the fetch is given.</param>
internal sealed record WeightsMount(string Path, string MountPath, IReadOnlyList<V1Volume> Volumes)
{
    /// <summary>What fetches before the server begins; null: the volume has the file already.</summary>
    public V1Container? Fetch { get; init; }

    /// <summary>True: the volume is a file's own, which nobody in the pods may write.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The claim that ties the pods to one node; null: nothing does.</summary>
    public string? Tie { get; init; }

    /// <summary>From a claim.</summary>
    /// <param name="model">The Model.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="mountPath">Where pods mount it.</param>
    public static WeightsMount From(Model model, V1PersistentVolumeClaim claim, string mountPath)
    {
        var isReadOnly = ModelClaims.OfSource(model.Spec) is not null;
        return new(ModelReadiness.PathOf(model, mountPath), mountPath, [CacheLayout.Volume(claim.Metadata.Name, isReadOnly)])
        {
            Tie = SingleNode.IsShared(claim, isReadOnly) ? null : claim.Metadata.Name,
            IsReadOnly = isReadOnly,
        };
    }

    /// <summary>By a fetch of each pod's own, as a fetch Job would do it.</summary>
    /// <param name="model">The Model.</param>
    /// <param name="image">The operator's image.</param>
    /// <param name="options">How the operator was started.</param>
    /// <param name="observed">The Deployment as it is, if it is ours.</param>
    public static WeightsMount Fetched(Model model, string image, OperatorOptions options, V1Deployment? observed)
    {
        if (!SourceAddress.TryParse(model.Spec.Source, out var source, out var problem)) throw new ArgumentException($"The source {problem}", nameof(model));
        var path = ModelReadiness.PathOf(model, options.ModelCachePath);
        var inputs = FetchInputs.Of(model, [model], source, options);
        var fetch = FetchContainer.Build(image, "download", path, inputs, options);

        // A newer operator alone is no reason to replace pods that serve: what fetches as it would be told to today keeps its image.
        if (observed?.Spec.Template.Spec.InitContainers?.FirstOrDefault(c => c.Name == FetchContainer.Name) is { } before && before.Args?.SequenceEqual(fetch.Args) == true) fetch.Image = before.Image;
        fetch.SecurityContext.RunAsNonRoot = true;
        fetch.SecurityContext.RunAsUser = FetchContainer.User;
        fetch.SecurityContext.RunAsGroup = FetchContainer.User;
        return new(path, options.ModelCachePath, [new V1Volume { Name = CacheLayout.VolumeName, EmptyDir = new V1EmptyDirVolumeSource() }, .. inputs.Volumes]) { Fetch = fetch };
    }
}
