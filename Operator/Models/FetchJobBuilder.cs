using System.Security.Cryptography;
using System.Text;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Models;

/// <summary>Builds the Jobs that bring one source into a namespace's cache and take it out again: this program's own image with the verbs <c>download</c> and <c>remove</c>.</summary>
internal static class FetchJobBuilder
{
    /// <summary>The Job's only container.</summary>
    public const string Container = "fetch";

    // Any id but root's will do; the claim is made writable for it.
    private const long User = 65532;

    /// <summary>The name of the Job of a source: the same for all Models of the source, whatever their names.</summary>
    public static string NameOf(string cacheKey) => $"llmkube-fetch-{cacheKey}";

    /// <summary>The cache key of the source that a Job fetches.</summary>
    public static string? KeyOf(V1Job job) => job.Metadata.Labels?.TryGetValue(Labels.CacheKey, out var key) == true ? key : null;

    /// <summary>True for a Job that this builder made.</summary>
    public static bool IsOurs(V1Job job) =>
        job.Metadata.Labels?.TryGetValue(Labels.Managed, out var managed) == true && managed == Labels.ManagedValue && KeyOf(job) is not null;

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

    /// <summary>The Job, owned by all Models of the source.</summary>
    /// <param name="seen">A snapshot with a claim.</param>
    /// <param name="source">The Model's source.</param>
    public static V1Job Build(ModelSnapshot seen, SourceAddress source)
    {
        var inputs = FetchInputs.Of(seen, source);
        return Build(seen, source, Purposes.Fetch, "download", inputs, [new V1EnvVar { Name = DownloadCommand.SourceVariable, Value = seen.Model.Spec.Source }]);
    }

    /// <summary>The Job that removes what a fetch has brought. It has the fetch's own name, so that there is never both.</summary>
    /// <param name="seen">A snapshot with a claim.</param>
    /// <param name="source">The Model's source.</param>
    public static V1Job BuildRemoval(ModelSnapshot seen, SourceAddress source) =>
        Build(seen, source, Purposes.Remove, "remove", new FetchInputs([.. FetchInputs.FilesOf(seen.Model)], [], []), []);

    private static V1Job Build(ModelSnapshot seen, SourceAddress source, string purpose, string verb, FetchInputs inputs, IReadOnlyList<V1EnvVar> variables)
    {
        var claim = seen.Claim ?? throw new ArgumentException("A fetch needs a claim to write to.", nameof(seen));
        var labels = new Dictionary<string, string>
        {
            [Labels.Managed] = Labels.ManagedValue,
            [Labels.ManagedBy] = FieldManagers.Operator,
            [Labels.CacheKey] = seen.Key,
            [Labels.Purpose] = purpose,
        };
        var spec = new V1JobSpec
        {
            // A failed pod ends the Job: when to try again is the operator's decision, which no Job policy could make (the server's words decide it).
            BackoffLimit = 0,
            Template = new V1PodTemplateSpec { Metadata = new V1ObjectMeta { Labels = labels }, Spec = PodSpec(seen, claim, verb, inputs, variables) },
        };
        return new V1Job
        {
            ApiVersion = "batch/v1",
            Kind = V1Job.KubeKind,
            Metadata = new V1ObjectMeta
            {
                Name = NameOf(seen.Key),
                NamespaceProperty = seen.Model.Metadata.NamespaceProperty,
                Labels = labels,
                Annotations = new Dictionary<string, string>
                {
                    [Annotations.CacheClaim] = claim.Metadata.Uid,
                    [Annotations.DesiredHash] = HashOf(spec),
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

    private static V1PodSpec PodSpec(ModelSnapshot seen, V1PersistentVolumeClaim claim, string verb, FetchInputs inputs, IReadOnlyList<V1EnvVar> variables)
    {
        var placement = FetchPlacement.For(seen.Users, seen.Services, CacheClaimBuilder.IsShared(claim));
        var options = seen.Options;
        return new V1PodSpec
        {
            RestartPolicy = "Never",
            AutomountServiceAccountToken = false,
            EnableServiceLinks = false,
            NodeSelector = placement.NodeSelector,
            Tolerations = placement.Tolerations,
            Affinity = placement.Affinity,
            SecurityContext = new V1PodSecurityContext
            {
                RunAsNonRoot = true,
                RunAsUser = User,
                RunAsGroup = User,
                FsGroup = User,
                FsGroupChangePolicy = "OnRootMismatch",
                SeccompProfile = new V1SeccompProfile { Type = "RuntimeDefault" },
            },
            Containers =
            [
                new V1Container
                {
                    Name = Container,
                    Image = seen.Image,
                    Args =
                    [
                        verb, "--target", CacheLayout.ArtifactPath(seen.Model.Spec, options.ModelCachePath), "--termination-log", TerminationMessage.DefaultPath,
                        .. inputs.Arguments,
                    ],
                    Env =
                    [
                        .. variables,

                        // Diagnostics would need a writable file system.
                        new V1EnvVar { Name = "DOTNET_EnableDiagnostics", Value = "0" },
                    ],
                    Resources = new V1ResourceRequirements
                    {
                        Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new("100m"), ["memory"] = new("128Mi") },
                        Limits = new Dictionary<string, ResourceQuantity> { ["memory"] = new("512Mi") },
                    },
                    TerminationMessagePolicy = "FallbackToLogsOnError",
                    SecurityContext = new V1SecurityContext
                    {
                        AllowPrivilegeEscalation = false,
                        ReadOnlyRootFilesystem = true,
                        Capabilities = new V1Capabilities { Drop = ["ALL"] },
                    },
                    VolumeMounts =
                    [
                        new V1VolumeMount { Name = CacheLayout.VolumeName, MountPath = options.ModelCachePath },
                        .. inputs.Mounts,
                    ],
                },
            ],
            Volumes =
            [
                new V1Volume
                {
                    Name = CacheLayout.VolumeName,
                    PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = CacheDefaults.ClaimName },
                },
                .. inputs.Volumes,
            ],
        };
    }

    private static string HashOf(V1JobSpec spec) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(KubernetesJson.Serialize(spec))))[..16];
}
