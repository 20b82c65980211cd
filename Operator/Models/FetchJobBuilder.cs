using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Models;

/// <summary>Builds the Jobs that bring one source into a namespace's cache and take it out again: this program's own image with the verbs <c>download</c> and <c>remove</c>.</summary>
internal static class FetchJobBuilder
{
    /// <summary>The Job's only container.</summary>
    public const string Container = FetchContainer.Name;

    private const int HashLength = 8;

    /// <summary>The name of the Job that brings a source into a claim: the same for all Models of the source, whatever their names.</summary>
    /// <param name="cacheKey">The key of the source.</param>
    /// <param name="claim">The claim; its name can be too long for that of a Job.</param>
    public static string NameOf(string cacheKey, string claim = CacheDefaults.ClaimName) =>
        claim == CacheDefaults.ClaimName ? $"llmkube-fetch-{cacheKey}" : $"llmkube-fetch-{cacheKey}-{ShortHash.Of(claim)[..HashLength]}";

    /// <summary>The cache key of the source that a Job fetches.</summary>
    public static string? KeyOf(V1Job job) => job.Metadata.Labels?.TryGetValue(Labels.CacheKey, out var key) == true ? key : null;

    /// <summary>True for a Job that this builder made.</summary>
    public static bool IsOurs(V1Job job) =>
        job.Metadata.Labels?.TryGetValue(Labels.Managed, out var managed) == true && managed == Managed.Value && KeyOf(job) is not null;

    /// <summary>True for a Job that takes an artefact out of the cache.</summary>
    public static bool IsRemoval(V1Job job) => job.Metadata.Labels?.TryGetValue(Labels.Purpose, out var purpose) == true && purpose == Purposes.Remove;

    /// <summary>True if the Job was made for this very claim, and not for an earlier one of its name.</summary>
    public static bool IsFor(V1Job job, V1PersistentVolumeClaim? claim) =>
        job.Metadata.Annotations?.TryGetValue(Annotations.CacheClaim, out var uid) == true && uid == claim?.Metadata.Uid;

    /// <summary>True if a Job was told to take the file that has a hash.</summary>
    /// <param name="job">The Job.</param>
    /// <param name="sha256">The hash that is wanted; none: all are taken.</param>
    public static bool Accepts(V1Job job, string? sha256)
    {
        var arguments = job.Spec.Template.Spec.Containers[0].Args;
        var expected = arguments.Zip(arguments.Skip(1)).Where(a => a.First == FetchInputs.ExpectFlag).Select(a => a.Second).ToList();
        return expected.Count == 0 || expected.Contains(sha256, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>True if a Model is one of the Job's owners.</summary>
    public static bool IsOwnedBy(V1Job job, Model model) => job.Metadata.OwnerReferences?.Any(o => o.Uid == model.Metadata.Uid) == true;

    /// <summary>The Job, owned by all Models of the source: it fetches, or proves what is served from where it lies.</summary>
    /// <param name="seen">A snapshot with a claim.</param>
    /// <param name="source">The Model's source.</param>
    public static V1Job Build(ModelSnapshot seen, SourceAddress source) =>
        Build(seen, source, seen.IsInPlace ? Purposes.Verify : Purposes.Fetch, "download", FetchInputs.Of(seen.Model, seen.Users, source, seen.Options));

    /// <summary>The Job that removes what a fetch has brought. It has the fetch's own name, so that there is never both.</summary>
    /// <param name="seen">A snapshot with a claim.</param>
    /// <param name="source">The Model's source.</param>
    public static V1Job BuildRemoval(ModelSnapshot seen, SourceAddress source) => Build(seen, source, Purposes.Remove, "remove", FetchInputs.OfRemoval(seen.Model));

    private static V1Job Build(ModelSnapshot seen, SourceAddress source, string purpose, string verb, FetchInputs inputs)
    {
        var claim = seen.Claim ?? throw new ArgumentException("A fetch needs a claim to write to.", nameof(seen));
        var labels = new Dictionary<string, string>
        {
            [Labels.Managed] = Managed.Value,
            [Labels.ManagedBy] = FieldManagers.Operator,
            [Labels.CacheKey] = seen.Key,
            [Labels.Purpose] = purpose,
        };
        var podLabels = SingleNode.IsShared(claim, seen.IsInPlace) ? labels : new(labels) { [Labels.Cache] = SingleNode.LabelOf(claim.Metadata.Name) };
        var spec = new V1JobSpec
        {
            // A failed pod ends the Job: when to try again is the operator's decision, which no Job policy could make (the server's words decide it).
            BackoffLimit = 0,
            Template = new V1PodTemplateSpec { Metadata = new V1ObjectMeta { Labels = podLabels }, Spec = PodSpec(seen, claim, verb, inputs) },
        };
        return new V1Job
        {
            ApiVersion = "batch/v1",
            Kind = V1Job.KubeKind,
            Metadata = new V1ObjectMeta
            {
                Name = seen.JobName,
                NamespaceProperty = seen.Model.Metadata.NamespaceProperty,
                Labels = labels,
                Annotations = new Dictionary<string, string>
                {
                    [Annotations.CacheClaim] = claim.Metadata.Uid,
                    [Annotations.DesiredHash] = ShortHash.Of(KubernetesJson.Serialize(spec)),
                    [Annotations.Source] = source.Shown,
                },
                OwnerReferences = Owners(seen.Users),
            },
            Spec = spec,
        };
    }

    /// <summary>True if the Job was made from another spec than today's (another image, another placement).</summary>
    public static bool IsOutdated(V1Job job, V1Job desired) =>
        job.Metadata.Annotations?.TryGetValue(Annotations.DesiredHash, out var hash) != true
        || hash != desired.Metadata.Annotations[Annotations.DesiredHash];

    /// <summary>Owner references to Models. None is the controller: each keeps the Job alive.</summary>
    public static IList<V1OwnerReference> Owners(IEnumerable<Model> models) =>
    [
        .. models.Select(m => new V1OwnerReference { ApiVersion = ApiGroup.NameAndVersion, Kind = Model.KubeKind, Name = m.Metadata.Name, Uid = m.Metadata.Uid }),
    ];

    private static V1PodSpec PodSpec(ModelSnapshot seen, V1PersistentVolumeClaim claim, string verb, FetchInputs inputs)
    {
        var isShared = SingleNode.IsShared(claim, seen.IsInPlace);
        var placement = FetchPlacement.For(seen.Users, seen.Mounting, isShared);
        var path = CacheLayout.ArtifactPath(seen.Model.Spec, seen.Options.ModelCachePath);
        return new V1PodSpec
        {
            RestartPolicy = "Never",
            AutomountServiceAccountToken = false,
            EnableServiceLinks = false,
            ImagePullSecrets = PullSecrets.Of(seen.Options),
            NodeSelector = placement.NodeSelector,
            Tolerations = placement.Tolerations,
            Affinity = isShared ? placement.Affinity : SingleNode.With(placement.Affinity, claim.Metadata.Name),
            SecurityContext = SecurityContexts.OfFetch(seen.IsInPlace),
            Containers = [FetchContainer.Build(seen.Image, verb, path, inputs, seen.Options, seen.IsInPlace)],
            Volumes = [CacheLayout.Volume(claim.Metadata.Name, seen.IsInPlace), .. inputs.Volumes],
        };
    }
}
