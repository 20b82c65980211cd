using LlmKube.Operator.Entities;
using LlmKube.Operator.Gguf;

namespace LlmKube.Operator.Fetching;

/// <summary>
/// One file of an artefact on its way: transferred and verified beside its place, then put there and marked. Nothing unverified is ever at the final path, and
/// nothing counts without its marker.
/// </summary>
/// <param name="paths">Where it lies.</param>
/// <param name="part">Which file it is.</param>
/// <param name="sourceKey">The artefact's cache key.</param>
internal sealed class PartFetch(ArtifactPaths paths, ArtifactPart part, string sourceKey) : IDisposable
{
    private PartialFile? _partial;
    private GgufMetadata? _gguf;
    private string? _etag;
    private bool _isWhole;

    /// <summary>Where it lies.</summary>
    public ArtifactPaths Paths => paths;

    /// <summary>The proof that it is in its place; null: it is not there yet.</summary>
    public CompletionMarker? Marker { get; private set; } = CompletionMarker.Of(paths, sourceKey);

    /// <summary>Of all bytes, in 64 hexadecimal digits; null: they have not all come.</summary>
    public string? Sha256 => Marker?.Sha256 ?? (_isWhole ? _partial!.Sha256() : null);

    /// <summary>Bytes that this run has transferred.</summary>
    public long Transferred { get; private set; }

    /// <summary>True if it was in its place already, and this run did not touch it.</summary>
    public bool WasThere => Marker is not null && _partial is null;

    /// <summary>Takes the proof away, so that a later run fetches it anew. The file itself is put aside then.</summary>
    public void Unmark()
    {
        Discard();
        if (WasThere) File.Delete(paths.Marker);
    }

    /// <summary>Removes what interrupted runs have left beside a file that is in its place.</summary>
    public void TidyUp()
    {
        File.Delete(paths.PartialState);
        File.Delete(paths.Partial);
    }

    /// <summary>Brings all bytes and proves them. They are in their place only when they have been committed.</summary>
    /// <param name="transferring">Moves the bytes.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops it; what has come stays for the next run.</param>
    /// <exception cref="FetchFailure">They don't come, or are not what they should be.</exception>
    public async Task PrepareAsync(Func<PartialFile, Transfer> transferring, FetchProgress progress, CancellationToken cancellationToken)
    {
        // What is proved, though not what is wanted by now, stays until what is wanted has come: others may use it.
        if (Marker is null) TakeBackUnmarked();
        Marker = null;
        progress.Step = "resuming";
        Directory.CreateDirectory(paths.Folder);
        _partial = await PartialFile.OpenAsync(paths, sourceKey, cancellationToken);
        progress.Bytes = _partial.Length;
        var transfer = transferring(_partial);
        try
        {
            await transfer.RunAsync(cancellationToken);
            progress.Step = "verifying";
            if (part.IsWeights) _gguf = Verify(_partial);
            progress.Gguf ??= _gguf;
            CheckClaim(_partial.Sha256(), transfer.Claim);
            _isWhole = true;
        }
        catch (FetchFailure e) when (e.Reason is Reasons.NotGguf or Reasons.LengthMismatch or Reasons.ChecksumMismatch || (e.TryAgain is TryAgain.WhenChanged && _partial.Length == 0))
        {
            Discard();
            throw;
        }
        finally
        {
            (Transferred, _etag) = (transfer.Transferred, transfer.ETag);
        }
    }

    /// <summary>Throws away what has come: it is of no use to a later run.</summary>
    public void Discard()
    {
        _partial?.Discard();
        File.Delete(paths.Partial);
    }

    /// <summary>Puts the file in its place.</summary>
    /// <param name="now">The time.</param>
    public void Commit(DateTimeOffset now)
    {
        if (_partial is null) return;
        _partial.Flush();
        File.Delete(paths.Marker); // Of what was there before: for a moment it would be this one's.
        File.Move(paths.Partial, paths.Final, overwrite: true);
        Durable.SyncFolderOf(paths.Final);
        Marker = new CompletionMarker
        {
            SourceKey = sourceKey,
            Source = part.Source.Shown,
            Sha256 = _partial.Sha256(),
            Size = _partial.Length,
            Gguf = _gguf,
            ETag = _etag,
            CompletedAt = now,
        };
        JsonFile.Write(paths.Marker, Marker);
        File.Delete(paths.PartialState);
        File.Delete(paths.Found);
    }

    /// <inheritdoc/>
    public void Dispose() => _partial?.Dispose();

    // A file without its marker was left by a stop between rename and marking, which makes it a partial file; or it is not ours, as that of the Go operator,
    // which lies at the same path.
    private void TakeBackUnmarked()
    {
        File.Delete(paths.Marker);
        if (!File.Exists(paths.Final)) return;
        var isOurs = File.Exists(paths.PartialState) && !File.Exists(paths.Partial);
        File.Move(paths.Final, isOurs ? paths.Partial : paths.Found, overwrite: true);
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

    private static void CheckClaim(string sha256, ClaimedHash? claim)
    {
        // It may have been damaged on its way.
        if (claim is not null && claim.Sha256 != sha256) throw new FetchFailure(Reasons.ChecksumMismatch, $"what came has the sha256 {sha256}, and {claim.By} announced {claim.Sha256}", TryAgain.Later);
    }
}
