using LlmKube.Operator.Entities;
using LlmKube.Operator.Gguf;

namespace LlmKube.Operator.Fetching;

/// <summary>
/// Brings one source to its place: locked, resumed where an earlier run stopped, hashed on the way, checked as a GGUF file,
/// synced, renamed and marked. Nothing unverified is ever at the final path, and nothing counts without its marker.
/// </summary>
/// <param name="options">What and where.</param>
/// <param name="open">Opens the source.</param>
/// <param name="progress">Told how far it is.</param>
/// <param name="freeSpace">The free bytes of the file system that a folder is on.</param>
/// <param name="time">The clock.</param>
/// <param name="chance">Spreads retries.</param>
internal sealed class Downloader(FetchOptions options, IArtifactSource open, FetchProgress progress, Func<string, long> freeSpace, TimeProvider time, Random chance)
{
    private readonly ArtifactPaths _paths = new(options.Target);
    private readonly string _sourceKey = CacheKey.Of(SourceIdentity.Of(options.Source, options.Files));

    /// <summary>Runs until the artefact is in its place or can't be brought there in this run.</summary>
    /// <exception cref="FetchFailure">It can't, for a reason that the user can be told.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop; what has come so far stays for the next run.</exception>
    public async Task<FetchReport> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(_paths.Folder);
            using var held = await ArtifactLock.AcquireAsync(_paths, options.LockTimeout, time, cancellationToken);
            return CompletionMarker.Of(_paths, _sourceKey) is { } marker ? Cached(marker) : await FetchAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskFailure.Of(e);
        }
    }

    private FetchReport Cached(CompletionMarker marker)
    {
        File.Delete(_paths.PartialState);
        File.Delete(_paths.Partial);
        return new FetchReport { Complete = true, Cached = true, Sha256 = marker.Sha256, Bytes = marker.Size, Transferred = 0, Resumes = 0, Seconds = 0, Gguf = marker.Gguf };
    }

    private async Task<FetchReport> FetchAsync(CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        TakeBackUnmarked();
        progress.Step = "resuming";
        using var partial = await PartialFile.OpenAsync(_paths, _sourceKey, cancellationToken);
        progress.Bytes = partial.Length;
        var transfer = new Transfer(options, open, partial, progress, _paths, freeSpace, time, chance);
        try
        {
            await transfer.RunAsync(cancellationToken);
            progress.Step = "verifying";
            var gguf = Verify(partial);
            progress.Gguf = gguf;
            var marker = Commit(partial, gguf);
            return new FetchReport
            {
                Complete = true,
                Sha256 = marker.Sha256,
                Bytes = marker.Size,
                Transferred = transfer.Transferred,
                Resumes = progress.Resumes,
                Seconds = Math.Round(time.GetElapsedTime(start).TotalSeconds, 3),
                Gguf = gguf,
            };
        }
        catch (FetchFailure e) when (e.TryAgain is TryAgain.WhenChanged)
        {
            // Of no use to a later run.
            partial.Discard();
            File.Delete(_paths.Partial);
            throw;
        }
    }

    // A file without its marker was left by a stop between rename and marking, or is not ours: at best it is a partial file.
    private void TakeBackUnmarked()
    {
        File.Delete(_paths.Marker);
        if (!File.Exists(_paths.Final)) return;
        if (File.Exists(_paths.PartialState) && !File.Exists(_paths.Partial)) File.Move(_paths.Final, _paths.Partial);
        else File.Delete(_paths.Final);
    }

    private static GgufMetadata Verify(PartialFile partial)
    {
        try
        {
            return GgufSummary.Of(GgufReader.Read(partial.Rewound(), partial.Length));
        }
        catch (GgufException e)
        {
            throw new FetchFailure(Reasons.NotGguf, e.Message, TryAgain.WhenChanged, e);
        }
    }

    private CompletionMarker Commit(PartialFile partial, GgufMetadata gguf)
    {
        progress.Step = "syncing";
        partial.Flush();
        File.Move(_paths.Partial, _paths.Final, overwrite: true);
        Durable.SyncFolderOf(_paths.Final);
        var marker = new CompletionMarker
        {
            SourceKey = _sourceKey,
            Source = SourceAddress.TryParse(options.Source, out var address, out _) ? address.Shown : "",
            Sha256 = partial.Sha256(),
            Size = partial.Length,
            Gguf = gguf,
            CompletedAt = time.GetUtcNow(),
        };
        JsonFile.Write(_paths.Marker, marker);
        File.Delete(_paths.PartialState);
        return marker;
    }
}
