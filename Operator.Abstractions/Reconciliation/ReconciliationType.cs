namespace KubeOps.Abstractions.Reconciliation;

/// <summary>What happened to the object.</summary>
public enum ReconciliationType
{
    /// <summary>It was seen for the first time.</summary>
    Added,

    /// <summary>It was seen before.</summary>
    Modified,

    /// <summary>It is gone.</summary>
    Deleted,
}

/// <summary>Who asked for the reconcile.</summary>
public enum ReconciliationTriggerSource
{
    /// <summary>A watch event.</summary>
    ApiServer,

    /// <summary>The operator itself: a requeue, a retry, another controller.</summary>
    Operator,
}
