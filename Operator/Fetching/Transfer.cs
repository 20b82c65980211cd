using LlmKube.Operator.Entities;
using LlmKube.Operator.Gguf;

namespace LlmKube.Operator.Fetching;

/// <summary>Moves a source's bytes into the partial file, over as many connections as it takes.</summary>
internal sealed class Transfer(
    FetchOptions options,
    IArtifactSource source,
    bool isWeights,
    PartialFile partial,
    FoundFile? found,
    FetchProgress progress,
    ArtifactPaths paths,
    Func<string, long> freeSpace,
    TimeProvider time,
    Random chance)
{
    private const int BufferSize = 1024 * 1024;
    private const long SpaceToSpare = 1024 * 1024;

    // Where the header may be whole. A vocabulary can make it many megabytes long, so each look is four times as far as the one before.
    private const long FirstLook = 1024 * 1024;
    private readonly byte[] _buffer = new byte[BufferSize];

    // Only bytes beyond this are progress: a server that can't resume and always breaks off would else be tried for ever.
    private long _furthest = partial.Length;
    private long? _endedAt;
    private long _transferred;
    private long _nextLook = FirstLook;

    /// <summary>The hash of the whole that the source names, as it was last opened; null: none.</summary>
    public ClaimedHash? Claim { get; private set; }

    /// <summary>The source's ETag, as it was last opened; null: none.</summary>
    public string? ETag { get; private set; }

    /// <summary>Names the source's version, as it was last opened; null: it names none.</summary>
    public string? Validator { get; private set; }

    /// <summary>True: the file that was found is what the source says that it has, and nothing was to be transferred.</summary>
    public bool IsFound { get; private set; }

    /// <summary>Runs until all bytes are there, here or in what was found.</summary>
    /// <exception cref="FetchFailure">They don't come.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var failures = 0; ;)
        {
            FetchFailure failure;
            try
            {
                await AttemptAsync(cancellationToken);
                return;
            }
            catch (FetchFailure e) when (e.TryAgain is TryAgain.Soon)
            {
                failure = e;
            }
            catch (ResumeRefusedException e)
            {
                partial.Discard();
                failure = new FetchFailure(Reasons.SourceUnreachable, e.Message, TryAgain.Soon, e);
            }

            failures = partial.Length > _furthest ? 1 : failures + 1;
            _furthest = Math.Max(_furthest, partial.Length);
            if (failures > options.Retries) throw failure;
            progress.Step = "waiting";
            await Task.Delay(Wait(failures, failure), time, cancellationToken);
        }
    }

    private TimeSpan Wait(int failures, FetchFailure failure)
    {
        var own = Backoff.After(failures, options.FirstRetryDelay, options.LongestRetryDelay, chance.NextDouble());
        var asked = failure.RetryAfter ?? TimeSpan.Zero;
        var most = options.LongestRetryDelay * 10;
        return asked <= own ? own : asked < most ? asked : most;
    }

    private async Task AttemptAsync(CancellationToken cancellationToken)
    {
        progress.Step = "connecting";
        var resume = partial.Resume;
        await using var content = await source.OpenAsync(resume, cancellationToken);
        (Claim, ETag, Validator) = (content.Claim, content.ETag, content.Validator);
        IsFound = found is not null && await found.IsAsync(content, cancellationToken);
        if (IsFound) return;
        partial.Begin(content);
        if (partial.Length > 0) progress.Resumes++;
        progress.Total = content.Total;
        progress.Bytes = partial.Length;
        LookAtHeader();
        CheckSpace(content);
        progress.Step = "transferring";
        await CopyAsync(content, cancellationToken);
        if (content.Total is { } total && partial.Length != total) throw EndedEarly(total, null);
    }

    private void CheckSpace(SourceContent content)
    {
        if (content.Total is not { } total) return;
        var (needed, free) = (total - partial.Length, freeSpace(paths.Folder));
        if (needed + SpaceToSpare > free)
        {
            throw new FetchFailure(Reasons.OutOfSpace, $"{needed} bytes are still to come and the cache volume has {free} free", TryAgain.Later);
        }
    }

    private async Task CopyAsync(SourceContent content, CancellationToken cancellationToken)
    {
        using var stall = new CancellationTokenSource(options.StallTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stall.Token);
        while (true)
        {
            stall.CancelAfter(options.StallTimeout);
            var read = await ReadAsync(content, stall, either.Token, cancellationToken);
            if (read == 0) return;
            var isStart = isWeights && partial.Length < GgufReader.Magic.Length;
            await partial.AppendAsync(_buffer.AsMemory(0, read), cancellationToken);
            _transferred += read;
            progress.Transferred = _transferred;
            progress.Bytes = partial.Length;
            if (isStart) await CheckStartAsync(cancellationToken);
            LookAtHeader();
        }
    }

    // What a Model is can be told long before all of it is there.
    private void LookAtHeader()
    {
        if (!isWeights || progress.Gguf is not null || partial.Length < _nextLook) return;
        _nextLook = partial.Length * 4;
        var file = partial.Rewound();
        try
        {
            progress.Gguf = GgufSummary.Of(GgufReader.Read(file, length: null));
        }
        catch (GgufException)
        {
            // Not whole yet, or not sound: all that has come is judged in the end.
        }
        finally
        {
            file.Position = partial.Length;
        }
    }

    private async Task<int> ReadAsync(SourceContent content, CancellationTokenSource stall, CancellationToken either, CancellationToken cancellationToken)
    {
        try
        {
            return await content.Body.ReadAsync(_buffer, either);
        }
        catch (OperationCanceledException e) when (stall.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new FetchFailure(Reasons.SourceStalled, $"nothing came for {options.StallTimeout.TotalSeconds:0.#} s at byte {partial.Length}", TryAgain.Soon, e);
        }
        catch (HttpIOException e) when (e.HttpRequestError is HttpRequestError.ResponseEnded && content.Total is { } total)
        {
            throw EndedEarly(total, e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new FetchFailure(Reasons.SourceUnreachable, $"the connection broke at byte {partial.Length}: {e.Message}", TryAgain.Soon, e);
        }
    }

    // Once is an accident. Ended in order at the same byte twice, the announced length is wrong.
    private FetchFailure EndedEarly(long total, Exception? cause)
    {
        var words = $"{total} bytes were announced and the source ended at byte {partial.Length}";
        if (_endedAt == partial.Length) return new FetchFailure(Reasons.LengthMismatch, words, TryAgain.WhenChanged, cause);
        _endedAt = partial.Length;
        return new FetchFailure(Reasons.SourceUnreachable, words, TryAgain.Soon, cause);
    }

    // A login page is known by its first bytes: no need to fetch the rest of it.
    private async Task CheckStartAsync(CancellationToken cancellationToken)
    {
        if (partial.Length < GgufReader.Magic.Length) return;
        var start = new byte[GgufReader.Magic.Length];
        var file = partial.Rewound();
        await file.ReadExactlyAsync(start, cancellationToken);
        file.Position = partial.Length;
        try
        {
            GgufReader.CheckMagic(start);
        }
        catch (GgufException e)
        {
            throw new FetchFailure(Reasons.NotGguf, e.Message, TryAgain.WhenChanged, e);
        }
    }
}
