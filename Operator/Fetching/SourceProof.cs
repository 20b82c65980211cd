using System.Security.Cryptography;
using System.Text;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Gguf;

namespace LlmKube.Operator.Fetching;

/// <summary>Looks at a source where it lies, and writes nothing.</summary>
internal static class SourceProof
{
    private const int ReadSize = 1024 * 1024;

    /// <summary>Reads all of it: what is used where it lies must be what it should be, as what is fetched.</summary>
    /// <param name="options">Which hashes it may have.</param>
    /// <param name="parts">The files, the one that is served first.</param>
    /// <param name="open">Opens the source of one of them.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="FetchFailure">It is not.</exception>
    public static async Task<FetchReport> VerifyAsync(
        FetchOptions options, IReadOnlyList<ArtifactPart> parts, Func<SourceAddress, IArtifactSource> open, FetchProgress progress, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var sums = new List<string>();
        var headers = new List<SplitPart>();
        for (var i = 0; i < parts.Count; i++)
        {
            progress.BeginPart(isLast: i == parts.Count - 1);
            progress.Step = "verifying";
            await using var content = await open(parts[i].Source).OpenAsync(null, cancellationToken);
            progress.Total = content.Total;
            if (parts[i].IsWeights)
            {
                var header = Header(content.Body, content.Total);
                SplitParts.CheckPart(parts[i], header.Split);
                headers.Add(new(parts[i].Name, parts[i].ListedAs, header.Split, GgufSummary.Of(header)));
                progress.Gguf ??= headers[^1].Gguf;
                content.Body.Position = 0;
            }

            sums.Add(await HashAsync(content.Body, progress, cancellationToken));
        }

        var sha256 = ArtifactHash.Of([.. sums.Zip(parts, (sum, part) => (sum, part.ListedAs))]);
        ArtifactHash.Check(sha256, options.ExpectedSha256);
        SplitParts.CheckWhole(headers);
        return new FetchReport
        {
            Complete = true,
            Cached = true,
            Sha256 = sha256,
            Bytes = progress.Bytes,
            Transferred = 0,
            Resumes = 0,
            Seconds = Math.Round(time.GetElapsedTime(start).TotalSeconds, 3),
            Gguf = progress.Gguf,
        };
    }

    /// <summary>Reads the header of the file that is served, and no more of it than that.</summary>
    /// <param name="options">How patiently.</param>
    /// <param name="parts">The files, the one that is served first.</param>
    /// <param name="open">Opens the source of one of them.</param>
    /// <param name="progress">Told what is done.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="FetchFailure">There is none.</exception>
    public static async Task<FetchReport> HeaderAsync(
        FetchOptions options, IReadOnlyList<ArtifactPart> parts, Func<SourceAddress, IArtifactSource> open, FetchProgress progress, TimeProvider time, CancellationToken cancellationToken)
    {
        progress.Step = "reading";
        await using var content = await open(parts[0].Source).OpenAsync(null, cancellationToken);
        progress.Total = content.Total;
        await using var body = new PatientStream(content.Body, options.StallTimeout, time, cancellationToken);
        progress.Gguf = GgufSummary.Of(Header(body, length: null));
        return new FetchReport { Complete = true, Bytes = parts.Count == 1 ? content.Total : null, Transferred = 0, Resumes = 0, Gguf = progress.Gguf, ETag = content.ETag, ContentLength = content.Total };
    }

    private static GgufHeader Header(Stream body, long? length)
    {
        try
        {
            return GgufReader.Read(body, length);
        }
        catch (GgufException e)
        {
            throw new FetchFailure(Reasons.NotGguf, e.Message, TryAgain.WhenChanged, e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new FetchFailure(Reasons.SourceUnreachable, $"the connection broke within the header: {e.Message}", TryAgain.Later, e);
        }
    }

    private static async Task<string> HashAsync(Stream body, FetchProgress progress, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (buffer, bytes, read) = (new byte[ReadSize], 0L, 0);
        while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            hash.AppendData(buffer, 0, read);
            progress.Bytes = bytes += read;
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>The one hash of an artefact.</summary>
internal static class ArtifactHash
{
    /// <summary>Of one file its own; of several what sha256sum says of what sha256sum prints about them.</summary>
    /// <param name="files">Their hashes and names, in order.</param>
    public static string Of(IReadOnlyList<(string Sha256, string Name)> files)
    {
        if (files is [var only]) return only.Sha256;
        var lines = string.Concat(files.Select(f => $"{f.Sha256}  {f.Name}\n"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines)));
    }

    /// <summary>Whether it is one of those that are wanted; all are if none is named.</summary>
    public static bool IsWanted(string sha256, IReadOnlyList<string> wanted) => wanted.Count == 0 || wanted.Contains(sha256, StringComparer.OrdinalIgnoreCase);

    /// <exception cref="FetchFailure">It is not one of those that are wanted.</exception>
    public static void Check(string sha256, IReadOnlyList<string> wanted)
    {
        if (IsWanted(sha256, wanted)) return;
        throw new FetchFailure(Reasons.ChecksumMismatch, $"the source has the sha256 {sha256}, and spec.sha256 wants {string.Join(" or ", wanted)}", TryAgain.WhenChanged);
    }
}
