using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>What the operator knows of an InferenceService.</summary>
public sealed record InferenceServiceStatus
{
    /// <summary>The generation of the spec that this status speaks of. If metadata.generation is newer, the status is not yet current.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>When the operator first saw this generation; of a new InferenceService, when it was created.</summary>
    public DateTime? GenerationSince { get; set; }

    /// <summary>The newest generation that has been Ready.</summary>
    public long? ReadyGeneration { get; set; }

    /// <summary>
    /// What was rolled out last: the Deployment's uid, a slash, and the revision, as kubectl rollout history counts them. A change of replicas
    /// alone makes no new one.
    /// </summary>
    public string? RolledOutRevision { get; set; }

    /// <summary>What is being rolled out, written as rolledOutRevision is. Absent when nothing is.</summary>
    public string? RolloutRevision { get; set; }

    /// <summary>When the operator first saw the rollout that is under way. Absent when none is.</summary>
    public DateTime? RolloutSince { get; set; }

    /// <summary>
    /// The phase: Pending (waits for its Model), Creating (the first pods start), Progressing (pods are being replaced),
    /// WaitingForGPU (no node has a free GPU, see queuePosition), Ready (all pods serve the current spec), Stopped (zero replicas
    /// wanted) or Failed (see the condition Degraded).
    /// </summary>
    [EnumValues(
        InferenceServicePhases.Pending, InferenceServicePhases.Creating, InferenceServicePhases.Progressing,
        InferenceServicePhases.WaitingForGPU, InferenceServicePhases.Ready, InferenceServicePhases.Stopped, InferenceServicePhases.Failed)]
    public string? Phase { get; set; }

    /// <summary>Pods that exist.</summary>
    public int? Replicas { get; set; }

    /// <summary>Pods that are ready to serve.</summary>
    public int? ReadyReplicas { get; set; }

    /// <summary>Pods that are wanted.</summary>
    public int? DesiredReplicas { get; set; }

    /// <summary>The label selector of the pods as text, for autoscalers.</summary>
    public string? Selector { get; set; }

    /// <summary>The address of the API inside the cluster.</summary>
    public string? Endpoint { get; set; }

    /// <summary>Whether the Model is ready.</summary>
    public bool? ModelReady { get; set; }

    /// <summary>When the operator last changed this status.</summary>
    public DateTime? LastUpdated { get; set; }

    /// <summary>Why pods could not be scheduled, in one word, such as InsufficientGPU. Absent when all are.</summary>
    public string? SchedulingStatus { get; set; }

    /// <summary>Why pods could not be scheduled, in the scheduler's words.</summary>
    public string? SchedulingMessage { get; set; }

    /// <summary>
    /// The place in the queue for GPUs, beginning with 1: by priority, then by how long the pods have waited. Absent when the
    /// service does not wait.
    /// </summary>
    public int? QueuePosition { get; set; }

    /// <summary>What the service waits for, as resource and number, such as "nvidia.com/gpu: 2".</summary>
    public string? WaitingFor { get; set; }

    /// <summary>The priority that the pods have in the cluster. Greater is more urgent.</summary>
    public int? EffectivePriority { get; set; }

    /// <summary>
    /// The memory in bytes that a pod's server needs for the model by estimate: weights, cache and overhead. Absent until the file's
    /// header is known.
    /// </summary>
    public long? EstimatedMemoryBytes { get; set; }

    /// <summary>How much of the model is on GPUs. Absent if the pods ask for none, and while it is not known: see the condition Accelerated.</summary>
    public AccelerationStatus? Acceleration { get; set; }

    /// <summary>
    /// The state of the InferenceService, one entry per type: Available (at least one pod serves), Progressing (a change is under
    /// way), GPUAvailable (False while pods wait for a GPU), FitsGPU (whether the model fits into the memory of its GPUs, by estimate;
    /// it keeps no pod from starting), Accelerated (whether the servers use the GPUs that they have, by their own words, while any serves), UpgradePending (the version or options of the operator ask for other pods than there are), CacheSingleNode (the cache volume ties the pods to one node, where not all of them can run),
    /// Degraded (something failed; the message says what), and NameConflict (an object of the name that the operator needs belongs to someone else).
    /// </summary>
    [XListType(XListType.Map)]
    [XListMapKeys("type")]
    public IList<V1Condition>? Conditions { get; set; }
}
