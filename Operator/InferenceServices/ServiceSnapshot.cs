using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Everything that the decider may know. Null means "looked for, absent", never "not looked for".</summary>
internal sealed record ServiceSnapshot
{
    public required InferenceService Service { get; init; }

    public required Model? Model { get; init; }

    /// <summary>Why the Model that there is can't be read; null: it can.</summary>
    public string? ModelProblem { get; init; }

    /// <summary>What the service waits for; null if its model can be served.</summary>
    public ModelReadiness? Obstacle => ModelReadiness.Obstacle(Service.Spec, Model, ModelProblem);

    /// <summary>The Deployment of the service's name, whoever's it is.</summary>
    public required V1Deployment? Deployment { get; init; }

    /// <summary>The Kubernetes Service of the name that ours has to have, whoever's it is.</summary>
    public required V1Service? Endpoint { get; init; }

    /// <summary>The PodDisruptionBudget of the service's name, whoever's it is.</summary>
    public required V1PodDisruptionBudget? Budget { get; init; }

    /// <summary>The pods that carry the service's name, whichever rollout they are of.</summary>
    public required IReadOnlyList<V1Pod> AllPods { get; init; }

    /// <summary>
    /// The service's pods. Those that a former service of the name left behind are not, nor those that have ended: an evicted pod stays
    /// for the record, long after its successor serves.
    /// </summary>
    public IReadOnlyList<V1Pod> Pods => OwnDeployment is null && Deployment?.IsOfNamesakeOf(Service) == true
        ? []
        : [.. AllPods.Where(p => p.Status?.Phase is not ("Failed" or "Succeeded"))];

    /// <summary>Events of the pod that <see cref="StuckPods.Worst"/> names. They are not looked for otherwise.</summary>
    public IReadOnlyList<Corev1Event> PodEvents { get; init; } = [];

    /// <summary>All services that wait for GPUs.</summary>
    public required GpuQueue Queue { get; init; }

    /// <summary>The nodes that say how much memory their GPUs have; none where <see cref="GpuFitDecider.NeedsNodes"/> says that they don't matter; null: an operator of one namespace does not read them.</summary>
    public IReadOnlyList<GpuNode>? GpuNodes { get; init; } = [];

    /// <summary>The claim that pods mount. It is not looked for while the Model can't be served, nor if they mount none.</summary>
    public V1PersistentVolumeClaim? Claim { get; init; }

    /// <summary>The operator's image, for pods that fetch for themselves. It is not looked for otherwise.</summary>
    public string? Image { get; init; }

    /// <summary>How the operator was started.</summary>
    public OperatorOptions Options { get; init; } = new();

    /// <summary>What each serving pod's server said when it had loaded its model, by the pod's name; null: that has not been read yet. None where no GPUs are asked for.</summary>
    public IReadOnlyDictionary<string, LoadReport?> Loads { get; init; } = new Dictionary<string, LoadReport?>();

    /// <summary>True: pods may be replaced for the operator's own sake now, see <see cref="UpgradeTurns"/>.</summary>
    public bool HasTurn { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>The name of the claim that pods mount; null: none, each fetches for itself, or there is no Model.</summary>
    public string? ClaimName => Model is null ? null : ModelClaims.Of(Service.Spec, Model.Spec);

    /// <summary>The Deployment, if it is the service's own.</summary>
    public V1Deployment? OwnDeployment => Own(Deployment);

    /// <summary>The Kubernetes Service, if it is the service's own.</summary>
    public V1Service? OwnEndpoint => Own(Endpoint);

    /// <summary>The PodDisruptionBudget, if it is the service's own.</summary>
    public V1PodDisruptionBudget? OwnBudget => Own(Budget);

    /// <summary>The snapshot with the children as the actions left them.</summary>
    public ServiceSnapshot After(ActionResults acted) => this with
    {
        Deployment = After(acted, Deployment),
        Endpoint = After(acted, Endpoint),
        Budget = After(acted, Budget),
    };

    private static T? After<T>(ActionResults acted, T? child) where T : class, IKubernetesObject<V1ObjectMeta> =>
        acted.Done.Any(d => d.Action is DesiredAction.Delete && child is not null && d.Action.Target == ObjectRef.Of(child)) ? null : acted.After<T>() ?? child;

    private T? Own<T>(T? child) where T : class, IKubernetesObject<V1ObjectMeta> => child?.IsOf(Service) == true ? child : null;
}
