namespace LlmKube.Operator.Fetching;

/// <summary>Where bytes come from.</summary>
internal interface IArtifactSource
{
    /// <summary>Opens the source, where it can be at the point reached before.</summary>
    /// <param name="resume">What is there already; null to begin at zero.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FetchFailure">It can't be opened.</exception>
    Task<SourceContent> OpenAsync(ResumePoint? resume, CancellationToken cancellationToken);
}

/// <summary>The prefix of a source that an earlier attempt left.</summary>
/// <param name="Offset">Its length.</param>
/// <param name="Validator">Names the version of the source that it is a prefix of.</param>
/// <param name="Total">The length that the source announced then.</param>
internal sealed record ResumePoint(long Offset, string Validator, long? Total);

/// <summary>What a source says of itself.</summary>
/// <param name="Sha256">In 64 hexadecimal digits, small letters.</param>
/// <param name="By">Who says so: a host and a header's name.</param>
internal sealed record ClaimedHash(string Sha256, string By);

/// <summary>An opened source.</summary>
/// <param name="Body">The bytes from <paramref name="Offset"/> on.</param>
/// <param name="Offset">Where they begin: the resume point's offset, or zero if the source begins anew.</param>
/// <param name="Total">The length of the whole; null if the source does not say.</param>
/// <param name="Validator">Names this version of the source; null: it can't be resumed.</param>
/// <param name="Owner">Disposed with the content.</param>
internal sealed record SourceContent(Stream Body, long Offset, long? Total, string? Validator, IDisposable? Owner = null) : IAsyncDisposable
{
    /// <summary>The hash of the whole that the source itself names; null if it names none.</summary>
    public ClaimedHash? Claim { get; init; }

    /// <summary>The ETag with which the source's own host answered; null: none.</summary>
    public string? ETag { get; init; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Body.DisposeAsync();
        Owner?.Dispose();
    }
}
