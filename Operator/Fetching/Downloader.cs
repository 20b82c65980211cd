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
    // So often a source may change while its files come.
    private const int MostRounds = 3;

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
            fetches.AddRange(parts.Select(p => Begin(PathsOf(folder, p), p)));
            return IsThere(fetches) ? Cached(fetches) : await FetchAsync(fetches, cancellationToken);
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

    private PartFetch Begin(ArtifactPaths paths, ArtifactPart part) => new(paths, part, isAlone: parts.Count == 1, _sourceKey);

    // Files that are each proved may be of several versions of the source, unless their hash tells, or it has been found out before.
    private bool IsThere(List<PartFetch> fetches) =>
        fetches.TrueForAll(f => f.Marker is not null) && ArtifactHash.IsWanted(HashOf(fetches), options.ExpectedSha256)
        && (parts.Count == 1 || options.ExpectedSha256.Count > 0 || IsMarkedSet(fetches));

    private static bool IsMarkedSet(List<PartFetch> fetches) => fetches[0].Marker?.Set?.SequenceEqual(fetches.Select(f => f.Marker?.Sha256)) == true;

    private FetchReport Cached(List<PartFetch> fetches)
    {
        MarkSet(fetches);
        fetches.ForEach(f => f.TidyUp());
        return Report(fetches) with { Cached = true, Transferred = 0, Resumes = 0, Seconds = 0 };
    }

    private async Task<FetchReport> FetchAsync(List<PartFetch> fetches, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();

        // Proved, and another one is wanted by now: what is there says nothing about any of the files.
        var isReplaced = fetches.TrueForAll(f => f.Marker is not null) && !ArtifactHash.IsWanted(HashOf(fetches), options.ExpectedSha256);

        // The hash of several files can be judged only when all are there; until then none is in its place.
        if (options.ExpectedSha256.Count > 0)
        {
            await BringAsync(fetches, isReplaced, Prepared, cancellationToken);
            Judge(fetches);
            CheckWhole(fetches);
            fetches.ForEach(Commit);
        }
        else
        {
            await BringOneVersionAsync(fetches, cancellationToken);
        }

        MarkSet(fetches);
        return Report(fetches) with
        {
            Transferred = progress.Transferred,
            Resumes = progress.Resumes,
            Seconds = Math.Round(time.GetElapsedTime(start).TotalSeconds, 3),
        };

        static void Prepared(PartFetch fetch)
        {
        }
    }

    // A branch can move while its files come, or between two runs. So when all are there the source is asked whether it still has each of them.
    private async Task BringOneVersionAsync(List<PartFetch> fetches, CancellationToken cancellationToken)
    {
        for (var round = 1; ; round++)
        {
            var last = await BringAsync(fetches, isReplaced: false, Commit, cancellationToken);
            if (parts.Count == 1) return;
            progress.Step = "comparing";
            List<int> stale = [];
            for (var i = 0; i < fetches.Count; i++)
            {
                if (i != last && !await SourceVersion.IsStillAsync(open(parts[i].Source), fetches[i].Marker!, isOfThisRun: !fetches[i].WasThere, cancellationToken)) stale.Add(i);
            }

            if (stale.Count == 0) return;
            foreach (var i in stale)
            {
                fetches[i].Unmark();
                fetches[i].Dispose();
                fetches[i] = Begin(fetches[i].Paths, parts[i]);
            }

            if (round == MostRounds)
            {
                throw new FetchFailure(Reasons.SourceUnreachable, $"{parts[stale[0]].Source.Shown} changed again and again while the other files came: name a revision that stays", TryAgain.Later);
            }

            progress.BeginAll();
        }
    }

    // Which came last, and so can't have changed since; null: none had to come.
    private async Task<int?> BringAsync(List<PartFetch> fetches, bool isReplaced, Action<PartFetch> then, CancellationToken cancellationToken)
    {
        int? last = null;
        for (var i = 0; i < fetches.Count; i++)
        {
            var (fetch, isLast) = (fetches[i], i == fetches.Count - 1);
            if (fetch.Marker is { } marker && !isReplaced)
            {
                progress.Skip(marker.Size, isLast);
                if (i == 0) progress.Gguf ??= marker.Gguf;
                continue;
            }

            progress.BeginPart(isLast);
            var (source, isWeights) = (open(parts[i].Source), parts[i].IsWeights);
            await fetch.PrepareAsync(
                (partial, found) => new Transfer(options, source, isWeights, partial, found, progress, fetch.Paths, freeSpace, time, chance),
                parts.Count == 1 ? options.ExpectedSha256 : [],
                progress,
                cancellationToken);
            then(fetch);
            last = i;
        }

        return last;
    }

    private void MarkSet(List<PartFetch> fetches)
    {
        if (parts.Count == 1 || IsMarkedSet(fetches)) return;
        CheckWhole(fetches);
        fetches[0].MarkSet([.. fetches.Select(f => f.Marker!.Sha256)]);
    }

    private static void CheckWhole(List<PartFetch> fetches) =>
        SplitParts.CheckWhole(fetches.Select(f => new SplitPart(f.Part.Name, f.Part.ListedAs, f.Known!.Split, f.Known.Gguf)));

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

    private string HashOf(List<PartFetch> fetches) => ArtifactHash.Of([.. fetches.Zip(parts, (f, p) => (f.Known!.Sha256, p.ListedAs))]);
}
