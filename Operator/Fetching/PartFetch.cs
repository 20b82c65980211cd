using LlmKube.Operator.Entities;
using LlmKube.Operator.Gguf;

namespace LlmKube.Operator.Fetching;

/// <summary>
/// One file of an artefact on its way: transferred and verified beside its place, then put there and marked. Nothing unverified is ever put at the final path, and
/// nothing counts without its marker.
/// </summary>
/// <param name="paths">Where it lies.</param>
/// <param name="part">Which file it is.</param>
/// <param name="isAlone">True: the artefact is this file and no other.</param>
/// <param name="sourceKey">The artefact's cache key.</param>
internal sealed class PartFetch(ArtifactPaths paths, ArtifactPart part, bool isAlone, string sourceKey) : IDisposable
{
    private PartialFile? _partial;
    private FoundFile? _found;

    // What the marker will say, once the file is in its place.
    private CompletionMarker? _proved;

    /// <summary>Where it lies.</summary>
    public ArtifactPaths Paths => paths;

    /// <summary>Which file it is.</summary>
    public ArtifactPart Part => part;

    /// <summary>The proof that it is in its place; null: it is not there yet.</summary>
    public CompletionMarker? Marker { get; private set; } = CompletionMarker.Of(paths, sourceKey);

    /// <summary>What is known of it: of what is in its place, or is about to be.</summary>
    public CompletionMarker? Known => Marker ?? _proved;

    /// <summary>True if it was in its place already, and this run did not touch it.</summary>
    public bool WasThere => Marker is not null && _proved is null;

    /// <summary>Takes the proof away, so that it is fetched anew. The file itself stays until there is a proved one.</summary>
    public void Unmark()
    {
        if (Marker is null) Discard();
        else File.Delete(paths.Marker);
    }

    /// <summary>Says in the marker that all files of the artefact are there, and of one version of the source.</summary>
    /// <param name="set">Their hashes.</param>
    public void MarkSet(IReadOnlyList<string> set) => Mark(Marker! with { Set = set });

    /// <summary>Removes what interrupted runs have left beside a file that is in its place.</summary>
    public void TidyUp()
    {
        File.Delete(paths.PartialState);
        File.Delete(paths.Partial);
    }

    /// <summary>Brings all bytes and proves them. They are in their place only when they have been committed.</summary>
    /// <param name="transferring">Moves the bytes, unless they are in what was found.</param>
    /// <param name="wanted">The hashes of which it must have one; none: they can't be told of this file alone, or any will do.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops it; what has come stays for the next run.</param>
    /// <exception cref="FetchFailure">They don't come, or are not what they should be.</exception>
    public async Task PrepareAsync(Func<PartialFile, FoundFile?, Transfer> transferring, IReadOnlyList<string> wanted, FetchProgress progress, CancellationToken cancellationToken)
    {
        // What is proved, though not what is wanted by now, stays until what is wanted has come: others may use it.
        _found = Marker is null ? Unmarked() : null;
        Marker = null;
        progress.Step = "resuming";
        Directory.CreateDirectory(paths.Folder);
        _partial = await PartialFile.OpenAsync(paths, sourceKey, cancellationToken);
        progress.Bytes = _partial.Length;
        try
        {
            if (_found is not null && wanted.Count > 0 && !await _found.HasAsync(wanted, cancellationToken)) _found = null;
            if (_found is not null && wanted.Count > 0) Adopt(transfer: null, progress);
            else await BringAsync(transferring, wanted, progress, cancellationToken);
        }
        catch (FetchFailure e) when (e.Reason is Reasons.NotGguf or Reasons.LengthMismatch or Reasons.ChecksumMismatch || (e.TryAgain is TryAgain.WhenChanged && _partial.Length == 0))
        {
            Discard();
            throw;
        }
    }

    /// <summary>Throws away what has come: it is of no use to a later run.</summary>
    public void Discard()
    {
        _partial?.Discard();
        File.Delete(paths.Partial);
        _proved = null;
    }

    /// <summary>Puts the file in its place.</summary>
    /// <param name="now">The time.</param>
    public void Commit(DateTimeOffset now)
    {
        if (_proved is null || Marker is not null) return;
        if (_found is not null)
        {
            _found.Flush();
        }
        else
        {
            _partial!.Flush();
            File.Delete(paths.Marker); // Of what was there before: for a moment it would be this one's.
            File.Move(paths.Partial, paths.Final, overwrite: true);
        }

        Durable.SyncFolderOf(paths.Final);
        Mark(_proved with { CompletedAt = now });
        TidyUp();
    }

    /// <inheritdoc/>
    public void Dispose() => _partial?.Dispose();

    // A hash of several files says nothing of one of them.
    private string Cure => isAlone
        ? "if what it sends is right, say so in spec.sha256"
        : $"{part.ListedAs} is one of several files, of which spec.sha256 can't say that it is right: have the source mended, or name another revision or source";

    private void Mark(CompletionMarker marker)
    {
        JsonFile.Write(paths.Marker, marker);
        Marker = marker;
    }

    // A file without its marker was left by a stop between rename and marking, which makes it a partial file; or it is not ours.
    private FoundFile? Unmarked()
    {
        File.Delete(paths.Marker);
        if (!File.Exists(paths.Final)) return null;
        if (!File.Exists(paths.PartialState) || File.Exists(paths.Partial)) return new FoundFile(paths.Final);
        File.Move(paths.Final, paths.Partial);
        return null;
    }

    // What was damaged on its way comes otherwise the next time. What comes twice the same is what the source has, however often it is asked.
    private async Task BringAsync(Func<PartialFile, FoundFile?, Transfer> transferring, IReadOnlyList<string> wanted, FetchProgress progress, CancellationToken cancellationToken)
    {
        if (await TryAsync() is not { } first) return;
        _partial!.Discard();
        progress.BeginAgain();
        if (await TryAsync() is not { } second) return;
        throw first == second
            ? new FetchFailure(
                Reasons.ChecksumMismatch,
                $"twice what came has the sha256 {second.Sha256}, and {second.Claim.By} announced {second.Claim.Sha256}: the source contradicts itself; {Cure}",
                TryAgain.WhenChanged)
            : new FetchFailure(Reasons.ChecksumMismatch, $"what came has the sha256 {second.Sha256}, and {second.Claim.By} announced {second.Claim.Sha256}", TryAgain.Later);

        async Task<(string Sha256, ClaimedHash Claim)?> TryAsync()
        {
            var transfer = transferring(_partial!, _found);
            await transfer.RunAsync(cancellationToken);
            if (transfer.IsFound)
            {
                Adopt(transfer, progress);
                return null;
            }

            _found = null;
            progress.Step = "verifying";
            var sha256 = _partial!.Sha256();
            _proved = Proof(_partial.Rewound(), sha256, _partial.Length, transfer.ETag, _partial.Validator, progress);

            // The user's word counts more than the host's.
            return transfer.Claim is { } claim && claim.Sha256 != sha256 && !(wanted.Count > 0 && ArtifactHash.IsWanted(sha256, wanted)) ? (sha256, claim) : null;
        }
    }

    private void Adopt(Transfer? transfer, FetchProgress progress)
    {
        using var file = _found!.Open();
        _proved = Proof(file, _found.Sha256, file.Length, transfer?.ETag, transfer?.Validator, progress);
        _partial!.Discard();
        (progress.Bytes, progress.Total) = (file.Length, file.Length);
    }

    private CompletionMarker Proof(Stream file, string sha256, long size, string? etag, string? validator, FetchProgress progress)
    {
        var header = part.IsWeights ? Verify(file, size) : null;
        var gguf = header is null ? null : GgufSummary.Of(header);
        progress.Gguf ??= gguf;
        return new CompletionMarker
        {
            SourceKey = sourceKey,
            Source = part.Source.Shown,
            Sha256 = sha256,
            Size = size,
            Gguf = gguf,
            Split = header?.Split,
            Validator = validator,
            ETag = etag,
            CompletedAt = default,
        };
    }

    private GgufHeader Verify(Stream file, long size)
    {
        try
        {
            var header = GgufReader.Read(file, size);
            SplitParts.CheckPart(part, header.Split);
            return header;
        }
        catch (GgufException e)
        {
            throw new FetchFailure(Reasons.NotGguf, e.Message, TryAgain.WhenChanged, e);
        }
    }
}
