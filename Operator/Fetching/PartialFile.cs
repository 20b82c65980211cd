using System.Security.Cryptography;

namespace LlmKube.Operator.Fetching;

/// <summary>
/// The bytes received so far, their state beside them, and their hash. Invariant: the file is at all times a prefix of the
/// version of the source that its state names, or its state is absent.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    // How much a power cut may cost.
    private const long DurableEvery = 256L * 1024 * 1024;
    private const int ReadSize = 1024 * 1024;

    private readonly ArtifactPaths _paths;
    private readonly string _sourceKey;
    private readonly FileStream _file;
    private IncrementalHash _hash = NewHash();
    private PartialState? _state;

    private PartialFile(ArtifactPaths paths, string sourceKey)
    {
        _paths = paths;
        _sourceKey = sourceKey;
        _file = new FileStream(paths.Partial, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            BufferSize = 0,
            Options = FileOptions.Asynchronous,
        });
    }

    /// <summary>Bytes that are there and hashed.</summary>
    public long Length { get; private set; }

    /// <summary>Names the version of the source that it is a prefix of; null: the source names none.</summary>
    public string? Validator => _state?.Validator;

    /// <summary>Where to go on; null: at zero.</summary>
    public ResumePoint? Resume => Length > 0 && _state?.Validator is { } validator ? new(Length, validator, _state.Total) : null;

    /// <summary>Opens what an earlier run left, as far as it can be gone on with, and hashes it.</summary>
    public static async Task<PartialFile> OpenAsync(ArtifactPaths paths, string sourceKey, CancellationToken cancellationToken)
    {
        var resume = PartialState.Resumable(paths, sourceKey);
        var partial = new PartialFile(paths, sourceKey);
        try
        {
            if (resume is null) partial.Discard();
            else await partial.AdoptAsync(resume, cancellationToken);
            return partial;
        }
        catch
        {
            partial.Dispose();
            throw;
        }
    }

    /// <summary>Makes ready for an opened source: goes on, or begins at zero if the source does.</summary>
    public void Begin(SourceContent content)
    {
        if (content.Offset != Length) Discard();
        _state = new PartialState(_sourceKey, content.Validator, content.Total, _state?.Durable ?? 0, PartialState.CurrentBoot);
        JsonFile.Write(_paths.PartialState, _state);
    }

    /// <summary>Adds bytes.</summary>
    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await _file.WriteAsync(bytes, cancellationToken);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw DiskFailure.TooLargeAFile(e);
        }

        _hash.AppendData(bytes.Span);
        Length += bytes.Length;
        if (Length - _state!.Durable >= DurableEvery) Flush();
    }

    /// <summary>Brings everything to the disk.</summary>
    public void Flush()
    {
        _file.Flush(flushToDisk: true);
        _state = _state! with { Durable = Length };
        JsonFile.Write(_paths.PartialState, _state);
    }

    /// <summary>The hash of all bytes.</summary>
    public string Sha256() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>The file for reading, at its first byte.</summary>
    public Stream Rewound()
    {
        _file.Position = 0;
        return _file;
    }

    /// <summary>Forgets everything: the state first, so that no byte is ever taken for another version's.</summary>
    public void Discard()
    {
        File.Delete(_paths.PartialState);
        _state = null;
        _file.SetLength(0);
        _file.Position = 0;
        Length = 0;
        _hash.Dispose();
        _hash = NewHash();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hash.Dispose();
        _file.Dispose();
    }

    private async Task AdoptAsync(ResumePoint resume, CancellationToken cancellationToken)
    {
        _state = JsonFile.TryRead<PartialState>(_paths.PartialState);
        _file.SetLength(resume.Offset);
        var buffer = new byte[ReadSize];
        int read;
        while ((read = await _file.ReadAsync(buffer, cancellationToken)) > 0)
        {
            _hash.AppendData(buffer, 0, read);
            Length += read;
        }
    }

    private static IncrementalHash NewHash() => IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
}
