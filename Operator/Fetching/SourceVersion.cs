namespace LlmKube.Operator.Fetching;

/// <summary>Asks a source whether it still has what came of it.</summary>
internal static class SourceVersion
{
    /// <summary>Whether it says of itself what it said then. Next to nothing is transferred.</summary>
    /// <param name="source">The source.</param>
    /// <param name="marker">What came.</param>
    /// <param name="isOfThisRun">Whether it came in this run: then a source that names no version may be believed if it has the same length.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FetchFailure">It does not answer.</exception>
    public static async Task<bool> IsStillAsync(IArtifactSource source, CompletionMarker marker, bool isOfThisRun, CancellationToken cancellationToken)
    {
        // As for a resume, at the last byte: who has another version answers with the whole of that.
        var last = marker is { Validator: { } validator, Size: > 0 } ? new ResumePoint(marker.Size - 1, validator, marker.Size) : null;
        try
        {
            await using var content = await source.OpenAsync(last, cancellationToken);
            if (content.Claim is { } claim) return claim.Sha256 == marker.Sha256;
            if (content.Total is { } total && total != marker.Size) return false;
            return last is null ? isOfThisRun : content.Offset == last.Offset || content.Validator == last.Validator;
        }
        catch (ResumeRefusedException)
        {
            return false;
        }
    }
}
