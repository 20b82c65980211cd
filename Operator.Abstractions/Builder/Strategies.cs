namespace KubeOps.Abstractions.Builder;

/// <summary>How replicas of the operator share the work.</summary>
public enum LeaderElectionType
{
    /// <summary>Not at all: there is one replica.</summary>
    None = 0,

    /// <summary>One leads, by a Lease; the others stand by.</summary>
    Single = 1,

    /// <summary>By a mechanism that the operator's author provides. This engine refuses it.</summary>
    Custom = 2,

    /// <summary>Each looks after the objects of its <see cref="LeaderElection.ILeadershipScope"/>. This engine refuses it.</summary>
    Scoped = 3,
}

/// <summary>Where what is to be reconciled waits.</summary>
public enum QueueStrategy
{
    /// <summary>In this process.</summary>
    InMemory,

    /// <summary>In a queue that the operator's author provides. This engine refuses it.</summary>
    Custom,
}

/// <summary>How many watches several controllers of one kind open.</summary>
/// <remarks>It has no effect in this engine: controllers of one kind and selector always share one watch.</remarks>
public enum WatchStrategy
{
    /// <summary>One for each controller.</summary>
    PerController,

    /// <summary>One for each kind, shared out by selector.</summary>
    SharedPerEntity,
}

/// <summary>Which changes of an object make it reconciled.</summary>
public enum ReconcileStrategy
{
    /// <summary>Those that raise <c>metadata.generation</c>: of the spec.</summary>
    ByGeneration,

    /// <summary>All.</summary>
    ByResourceVersion,
}

/// <summary>What happens to a request for an object that is being reconciled.</summary>
/// <remarks>It has no effect in this engine: the object is reconciled once more when that ends, whatever came in meanwhile.</remarks>
public enum ParallelReconciliationConflictStrategy
{
    /// <summary>It is dropped.</summary>
    Discard,

    /// <summary>It is tried again later.</summary>
    RequeueAfterDelay,

    /// <summary>It waits.</summary>
    WaitForCompletion,
}
