namespace LlmKube.Operator.LocalCluster.Networking;

/// <summary>Tasks that run beside the one who started them, kept until they end so that someone can wait for them.</summary>
internal sealed class RunningTasks
{
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];

    public void Add(Task task)
    {
        lock (_gate) _running.Add(task);
        _ = task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Waits until none is left, those included that the others add meanwhile.</summary>
    public async Task EndAsync()
    {
        while (true)
        {
            Task[] running;
            lock (_gate)
            {
                running = [.. _running];
                _running.Clear();
            }

            if (running.Length == 0) return;
            await Task.WhenAll(running);
        }
    }

    private void Forget(Task task)
    {
        lock (_gate) _running.Remove(task);
    }
}
