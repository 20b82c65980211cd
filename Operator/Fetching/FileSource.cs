using System.Globalization;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Fetching;

/// <summary>A file that is mounted into the container.</summary>
/// <param name="path">Where it is mounted.</param>
/// <param name="shown">How it is called in messages.</param>
internal sealed class FileSource(string path, string shown) : IArtifactSource
{
    /// <inheritdoc/>
    public Task<SourceContent> OpenAsync(ResumePoint? resume, CancellationToken cancellationToken)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite, BufferSize = 0 });
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FetchFailure(Reasons.SourceNotFound, $"there is no file {shown}", TryAgain.WhenChanged, e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new FetchFailure(Reasons.SourceUnauthorized, $"{shown} is not a file that may be read", TryAgain.Later, e);
        }

        var written = File.GetLastWriteTimeUtc(path).Ticks;
        var validator = string.Create(CultureInfo.InvariantCulture, $"{file.Length}-{written}");
        var offset = resume is not null && resume.Validator == validator && resume.Offset <= file.Length ? resume.Offset : 0;
        file.Position = offset;
        return Task.FromResult(new SourceContent(file, offset, file.Length, validator));
    }
}
