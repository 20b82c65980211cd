using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Models;

/// <summary>Everything that the decider may know. Null means "looked for, absent", never "not looked for".</summary>
internal sealed record ModelSnapshot
{
    /// <summary>The Model.</summary>
    public required Model Model { get; init; }

    /// <summary>The namespace's cache claim, whoever made it.</summary>
    public required V1PersistentVolumeClaim? Claim { get; init; }

    /// <summary>The Job of the name that the fetch of this source has to have, whoever made it.</summary>
    public required V1Job? Job { get; init; }

    /// <summary>The pods of <see cref="Job"/>.</summary>
    public required IReadOnlyList<V1Pod> Pods { get; init; }

    /// <summary>Events of <see cref="Job"/>, if it ought to have a pod for a while and has none: who could not make it says why.</summary>
    public IReadOnlyList<Corev1Event> JobEvents { get; init; } = [];

    /// <summary>How far the program of <see cref="Job"/> is; null if it does not run, or nothing is known of it yet.</summary>
    public FetchReading? Progress { get; init; }

    /// <summary>Fetch Jobs that this Model owns although its source is another by now, and that no other Model needs.</summary>
    public required IReadOnlyList<V1Job> Strays { get; init; }

    /// <summary>The namespace's other Models of the same source, those that are being deleted left out.</summary>
    public required IReadOnlyList<Model> Siblings { get; init; }

    /// <summary>Of a Model that is being deleted: the pods that may use its file, those of other Models of the source that are being deleted among them.</summary>
    public IReadOnlyList<V1Pod> Servers { get; init; } = [];

    /// <summary>The InferenceServices that refer to this Model or to a sibling.</summary>
    public required IReadOnlyList<InferenceService> Services { get; init; }

    /// <summary>False: as many fetches run as may run at once.</summary>
    public bool MayFetch { get; init; } = true;

    /// <summary>The image that fetch Jobs run.</summary>
    public required string Image { get; init; }

    /// <summary>How the operator was started.</summary>
    public required OperatorOptions Options { get; init; }

    /// <summary>The time.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The key of the Model's source.</summary>
    public string Key => CacheKey.Of(SourceIdentity.Of(Model.Spec));

    /// <summary>What <see cref="Job"/> has come to.</summary>
    public FetchState Fetch => FetchStates.Of(Job, Claim, Pods, JobEvents, Now);

    /// <summary>All Models that the artefact is for, in an order that doesn't depend on who looks.</summary>
    public IEnumerable<Model> Users => Siblings.Append(Model).OrderBy(m => m.Metadata.Name, StringComparer.Ordinal);

    /// <summary>True if it is this Model that counts the fetch in the metrics: one fetch counts once, however many Models it is for.</summary>
    public bool CountsFetch
    {
        get
        {
            var present = Users.Select(m => m.Metadata.Uid).ToHashSet();
            return Job?.Metadata.OwnerReferences?.FirstOrDefault(o => present.Contains(o.Uid))?.Uid == Model.Metadata.Uid;
        }
    }

    /// <summary>The snapshot with what the actions created, and without what they deleted.</summary>
    public ModelSnapshot After(ActionResults acted) => this with
    {
        Claim = acted.After<V1PersistentVolumeClaim>() ?? Claim,
        Job = acted.After<V1Job>() ?? Job,
        Strays = [.. Strays.Where(j => acted.Done.All(d => d.Action.Target != ObjectRef.Of(j)))],
    };
}
