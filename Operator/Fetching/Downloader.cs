using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Fetching;

/// <summary>
/// Brings the files of one source to their places: locked, each resumed where an earlier run stopped, hashed on the way, checked as GGUF, synced, renamed and
/// marked.
/// </summary>
/// <param name="options">What and where.</param>
/// <param name="parts">The files, the one that is served first.</param>
/// <param name="open">Opens the source of one of them.</param>
/// <param name="progress">Told how far it is.</param>
/// <param name="freeSpace">The free bytes of the file system that a folder is on.</param>
/// <param name="time">The clock.</param>
/// <param name="chance">Spreads retries.</param>
internal sealed class Downloader(
    FetchOptions options,
    IReadOnlyList<ArtifactPart> parts,
    Func<SourceAddress, IArtifactSource> open,
    FetchProgress progress,
    Func<string, long> freeSpace,
    TimeProvider time,
    Random chance)
{
    private readonly string _sourceKey = CacheKey.Of(SourceIdentity.Of(options.Source, options.Files));

    /// <summary>Runs until the artefact is in its place or can't be brought there in this run.</summary>
    /// <exception cref="FetchFailure">It can't, for a reason that the user can be told.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop; what has come so far stays for the next run.</exception>
    public async Task<FetchReport> RunAsync(CancellationToken cancellationToken)
    {
        List<PartFetch> fetches = [];
        try
        {
            var served = new ArtifactPaths(options.Target);
            Directory.CreateDirectory(served.Folder);
            using var held = await ArtifactLock.AcquireAsync(served, options.LockTimeout, time, cancellationToken);
            var folder = FolderOf(options.Target, parts[0].Name);
            fetches.AddRange(parts.Select(p => new PartFetch(PathsOf(folder, p), p, _sourceKey)));
            return fetches.TrueForAll(f => f.Marker is not null) && ArtifactHash.IsWanted(HashOf(fetches), options.ExpectedSha256) ? Cached(fetches) : await FetchAsync(fetches, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskFailure.Of(e);
        }
        finally
        {
            fetches.ForEach(f => f.Dispose());
        }
    }

    /// <summary>The folder of an artefact whose served file lies at a path.</summary>
    public static string FolderOf(string target, string servedName)
    {
        var path = Path.GetFullPath(target);
        return path.EndsWith($"/{servedName}", StringComparison.Ordinal) ? path[..^(servedName.Length + 1)] : Path.GetDirectoryName(path)!;
    }

    // The one file of most artefacts is what the target says; several have names of their own.
    private ArtifactPaths PathsOf(string folder, ArtifactPart part) => new(parts.Count == 1 ? options.Target : Path.Combine(folder, part.Name));

    private FetchReport Cached(List<PartFetch> fetches)
    {
        fetches.ForEach(f => f.TidyUp());
        return Report(fetches) with { Cached = true, Transferred = 0, Resumes = 0, Seconds = 0 };
    }

    private async Task<FetchReport> FetchAsync(List<PartFetch> fetches, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();

        // Proved, and another one is wanted by now: what is there says nothing about any of the files.
        var isReplaced = fetches.TrueForAll(f => f.Marker is not null);

        // The hash of several files can be judged only when all are there; until then none is in its place.
        var waits = options.ExpectedSha256.Count > 0;
        for (var i = 0; i < fetches.Count; i++)
        {
            var fetch = fetches[i];
            if (fetch.Marker is { } marker && !isReplaced)
            {
                progress.Skip(marker.Size, isLast: i == fetches.Count - 1);
                if (i == 0) progress.Gguf ??= marker.Gguf;
                continue;
            }

            progress.BeginPart(isLast: i == fetches.Count - 1);
            var (source, isWeights) = (open(parts[i].Source), parts[i].IsWeights);
            await fetch.PrepareAsync(partial => new Transfer(options, source, isWeights, partial, progress, fetch.Paths, freeSpace, time, chance), progress, cancellationToken);
            if (!waits) Commit(fetch);
        }

        Judge(fetches);
        if (waits) fetches.ForEach(Commit);
        return Report(fetches) with
        {
            Transferred = fetches.Sum(f => f.Transferred),
            Resumes = progress.Resumes,
            Seconds = Math.Round(time.GetElapsedTime(start).TotalSeconds, 3),
        };
    }

    private void Commit(PartFetch fetch)
    {
        progress.Step = "syncing";
        fetch.Commit(time.GetUtcNow());
    }

    private FetchReport Report(List<PartFetch> fetches) => new()
    {
        Complete = true,
        Sha256 = HashOf(fetches),
        Bytes = fetches.Sum(f => f.Marker!.Size),
        Gguf = fetches[0].Marker!.Gguf,
        Files = parts.Count == 1 ? null : new(parts.Count, [.. parts.Take(FetchedFiles.MostNames).Select(p => p.Name)]),
        ETag = fetches[0].Marker!.ETag,
        ContentLength = fetches[0].Marker!.Size,
    };

    private void Judge(List<PartFetch> fetches)
    {
        try
        {
            ArtifactHash.Check(HashOf(fetches), options.ExpectedSha256);
        }
        catch (FetchFailure) when (fetches.Exists(f => f.WasThere))
        {
            // They may be of another version of the source than the rest.
            fetches.ForEach(f => f.Unmark());
            throw new FetchFailure(Reasons.ChecksumMismatch, "the files that were there and those that came have not the sha256 that spec.sha256 wants together: all are fetched anew", TryAgain.Later);
        }
        catch (FetchFailure)
        {
            fetches.ForEach(f => f.Discard());
            throw;
        }
    }

    private string HashOf(List<PartFetch> fetches) => ArtifactHash.Of([.. fetches.Zip(parts, (f, p) => (f.Sha256!, p.ListedAs))]);
}
