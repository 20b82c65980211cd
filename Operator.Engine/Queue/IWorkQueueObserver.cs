namespace LlmKube.Operator.Engine.Queue;

/// <summary>Sees what happens in a work queue, for metrics. Called under the queue's lock, so it must be quick.</summary>
internal interface IWorkQueueObserver
{
    /// <summary>A key was added that was not waiting already.</summary>
    void Added();

    /// <summary>The number of keys that are ready has changed.</summary>
    void DepthChanged(int depth);

    /// <summary>A key was handed out after having been ready for so long.</summary>
    void Taken(TimeSpan waited);

    /// <summary>Work on a key is done, and took so long.</summary>
    void Finished(TimeSpan took);

    /// <summary>A key was added for later, or once more.</summary>
    void Retried();
}
