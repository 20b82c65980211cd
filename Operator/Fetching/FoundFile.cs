using System.Security.Cryptography;

namespace LlmKube.Operator.Fetching;

/// <summary>
/// A file at the final path without a marker that no fetch of ours has left, as that of the Go operator, which lies at the same path. It stays where it is until a
/// proved one takes its place, or it turns out to be that. Only its hash can tell: many files have one length, and under which ETag it came nobody has noted.
/// </summary>
/// <param name="path">Where it lies.</param>
internal sealed class FoundFile(string path)
{
    private string? _sha256;

    /// <summary>Whether it has one of the hashes.</summary>
    public async Task<bool> HasAsync(IReadOnlyList<string> hashes, CancellationToken cancellationToken)
    {
        if (hashes.Count == 0 || new FileInfo(path) is not { Exists: true, LinkTarget: null }) return false;
        try
        {
            await using var file = Open();
            _sha256 ??= Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What can't be read proves nothing, and can be replaced all the same.
            return false;
        }

        return hashes.Contains(_sha256, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Whether it is what an opened source says of itself.</summary>
    public async Task<bool> IsAsync(SourceContent content, CancellationToken cancellationToken) =>
        content.Claim is { } claim && content.Total == new FileInfo(path).Length && await HasAsync([claim.Sha256], cancellationToken);

    /// <summary>The hash of the whole, once it has been asked for.</summary>
    public string Sha256 => _sha256 ?? throw new InvalidOperationException("nobody has asked whether it is the file");

    /// <summary>The file, for reading.</summary>
    public FileStream Open() => new(path, new FileStreamOptions { Access = FileAccess.Read, BufferSize = 0, Options = FileOptions.Asynchronous });

    /// <summary>Brings it to the disk: its writer need not have.</summary>
    public void Flush()
    {
        using var file = File.OpenHandle(path);
        RandomAccess.FlushToDisk(file);
    }
}
