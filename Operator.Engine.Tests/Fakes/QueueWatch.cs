using LlmKube.Operator.Engine.Queue;

namespace LlmKube.Operator.Engine.Tests.Fakes;

/// <summary>Counts what happens in a queue.</summary>
internal sealed class QueueWatch : IWorkQueueObserver
{
    /// <summary>How many keys are ready.</summary>
    public int Depth { get; private set; }

    public int Adds { get; private set; }

    public int Retries { get; private set; }

    public void Added() => Adds++;

    public void DepthChanged(int depth) => Depth = depth;

    public void Taken(TimeSpan waited)
    {
        // Not counted.
    }

    public void Finished(TimeSpan took)
    {
        // Not counted.
    }

    public void Retried() => Retries++;
}
