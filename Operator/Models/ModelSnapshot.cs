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

    /// <summary>The name of the claim that this is about; null: there is none, since the pods of all services fetch for themselves.</summary>
    public string? ClaimName { get; init; } = CacheDefaults.ClaimName;

    /// <summary>The claim of that name, whoever made it.</summary>
    public required V1PersistentVolumeClaim? Claim { get; init; }

    /// <summary>The same of each further claim that the file is wanted in.</summary>
    public IReadOnlyList<ModelSnapshot> Others { get; init; } = [];

    /// <summary>True for one of <see cref="Others"/>.</summary>
    public bool IsFurther { get; init; }

    /// <summary>The Job of the name that the fetch of this source has to have, whoever made it.</summary>
    public required V1Job? Job { get; init; }

    /// <summary>The pods of <see cref="Job"/>.</summary>
    public required IReadOnlyList<V1Pod> Pods { get; init; }

    /// <summary>Events of <see cref="Job"/>, if it ought to have a pod for a while and has none, or of its newest pod, if that ought to have begun: who could not make it says why.</summary>
    public IReadOnlyList<Corev1Event> FetchEvents { get; init; } = [];

    /// <summary>How far the program of <see cref="Job"/> is; null if it does not run, or nothing is known of it yet.</summary>
    public FetchReading? Progress { get; init; }

    /// <summary>Fetch Jobs that this Model owns although its source is another by now, and that no other Model needs.</summary>
    public required IReadOnlyList<V1Job> Strays { get; init; }

    /// <summary>The namespace's other Models of the same source, those that are being deleted left out.</summary>
    public required IReadOnlyList<Model> Siblings { get; init; }

    /// <summary>Of a Model that is being deleted: its pods, those of other Models of the source that are being deleted, and, if its file is to go, all that say they serve it or are about to come.</summary>
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

    /// <summary>This and the others.</summary>
    public IEnumerable<ModelSnapshot> Places => [this, .. Others];

    /// <summary>What is to be known of each claim alone; none if the pods of all services fetch for themselves.</summary>
    public IReadOnlyList<ModelSnapshot> Claims => ClaimName is null ? [] : [.. Places.Select(p => p.At(p.ClaimName!))];

    /// <summary>The name that the fetch's Job has to have.</summary>
    public string JobName => FetchJobBuilder.NameOf(Key, ClaimName ?? CacheDefaults.ClaimName);

    /// <summary>True if the file is served from where it lies, in a claim of the user's.</summary>
    public bool IsInPlace => ModelClaims.OfSource(Model.Spec) is not null;

    /// <summary>The key of the Model's source.</summary>
    public string Key => CacheKey.Of(Model.Spec);

    /// <summary>What <see cref="Job"/> has come to.</summary>
    public FetchState Fetch => FetchStates.Of(Job, Claim, Pods, FetchEvents, Now);

    /// <summary>True if the status says that the file is in this claim, and the user asks for no other one. Of a snapshot of one claim, as the next two.</summary>
    public bool IsThere => ModelStatuses.Holds(Model, Key, Claim) && !IsWantedAnew;

    /// <summary>
    /// True if the Model needs no fetch: the file is there, and its size is known. The status tells that of the first claim alone, which can have been a further
    /// one until now. (What the Model does not want is not fetched for its size.)
    /// </summary>
    public bool IsHeld => IsThere && (IsFurther || Model.Status is { SizeBytes: not null } or { Phase: ModelPhases.Failed });

    /// <summary>A sibling that has the file in this claim, and knows all of it that is to be told.</summary>
    public Model? ProvedFor => Siblings.FirstOrDefault(s => ModelStatuses.Holds(s, Key, Claim) && (IsFurther || s.Status.SizeBytes is not null));

    // The user asks for another file than the one that is there, and the source may have it by now. It is asked once for each change, and not at the cost of
    // others, whose file it is.
    private bool IsWantedAnew =>
        Model is { Spec.Sha256: { Length: > 0 } wanted, Status: { } status }
        && status.ObservedGeneration != Model.Metadata.Generation
        && !wanted.Equals(status.Sha256, StringComparison.OrdinalIgnoreCase)
        && !Siblings.Any(s => ModelStatuses.Holds(s, Key, Claim));

    /// <summary>True for the claim, and for the Job of its fetch.</summary>
    public bool IsAbout(ObjectRef target) =>
        (target.Kind == V1Job.KubeKind && target.Name == JobName) || (target.Kind == V1PersistentVolumeClaim.KubeKind && target.Name == ClaimName);

    /// <summary>All Models that the artefact is for, in an order that doesn't depend on who looks.</summary>
    public IEnumerable<Model> Users => Siblings.Append(Model).OrderBy(m => m.Metadata.Name, StringComparer.Ordinal);

    /// <summary>True if it is this Model that counts the claim's fetch in the metrics: one fetch counts once, however many Models it is for.</summary>
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
        Claim = acted.After<V1PersistentVolumeClaim>(ClaimName) ?? Claim,
        Job = acted.After<V1Job>(JobName) ?? Job,
        Others = [.. Others.Select(o => o.After(acted))],
        Strays = [.. Strays.Where(j => acted.Done.All(d => d.Action.Target != ObjectRef.Of(j)))],
    };

    /// <summary>Those of <see cref="Services"/> whose pods mount the claim.</summary>
    public IReadOnlyList<InferenceService> Mounting => [.. Services.Where(s => ModelClaims.Of(s.Spec, Model.Spec) == ClaimName)];

    /// <summary>What is to be known of the claim alone: the Models that want the file in it, as far as they speak of it.</summary>
    /// <param name="claim">One of those that the Model wants.</param>
    public ModelSnapshot At(string claim)
    {
        var siblings = Siblings;
        if (!IsInPlace && Services.Any(s => s.Spec.ModelCache is not null))
        {
            var byModel = Services.ToLookup(s => s.Spec.ModelRef);
            siblings = [.. Siblings.Where(m => ModelClaims.Wanted(m, byModel[m.Metadata.Name]).Contains(claim))];
        }

        return this with { ClaimName = claim, Model = CacheStatuses.At(Model, claim), Siblings = [.. siblings.Select(m => CacheStatuses.At(m, claim))] };
    }
}
