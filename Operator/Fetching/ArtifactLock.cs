using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Fetching;

/// <summary>Held by the one process that writes an artefact. The kernel drops it when its holder dies.</summary>
internal sealed class ArtifactLock : IDisposable
{
    private const int WouldBlock = 11; // EWOULDBLOCK
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);
    private readonly FileStream _file;

    private ArtifactLock(FileStream file) => _file = file;

    /// <summary>Waits for the lock.</summary>
    /// <exception cref="FetchFailure">Another process held it all the time.</exception>
    public static async Task<ArtifactLock> AcquireAsync(ArtifactPaths paths, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                return new ArtifactLock(new FileStream(paths.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException e) when (e.HResult == WouldBlock)
            {
                if (time.GetElapsedTime(start) >= timeout)
                {
                    throw new FetchFailure(Reasons.CacheBusy, $"another process has been writing the same artefact for {timeout.TotalSeconds:0.#} s", TryAgain.Later, e);
                }
            }

            await Task.Delay(LookAgain, time, cancellationToken);
        }
    }

    /// <summary>Gives the lock back. The file stays: removing it would let two processes lock two files of one name.</summary>
    public void Dispose() => _file.Dispose();
}
