namespace LlmKube.Operator.LocalCluster.ApiServer.Hosting;

/// <summary>Leaves the process's signals to whoever owns the process: the server ends when it is told to.</summary>
internal sealed class EmbeddedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
