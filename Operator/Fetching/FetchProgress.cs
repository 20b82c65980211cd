using System.Text.Json;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Fetching;

/// <summary>How far a fetch is, over all of its files; written by the fetch, read by whoever tells of it.</summary>
internal sealed class FetchProgress
{
    private readonly Lock _gate = new();

    // Of the files that are done, and of the one that is under way.
    private (long Bytes, long Transferred) _done;
    private (long Bytes, long Transferred, long? Total) _part;
    private bool _isLast = true;
    private int _resumes;
    private volatile string _step = "starting";
    private volatile GgufMetadata? _gguf;

    /// <summary>Bytes that are there. What is set are those of the file that is under way.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate) return _done.Bytes + _part.Bytes;
        }
        set
        {
            lock (_gate) _part.Bytes = value;
        }
    }

    /// <summary>The length of all, as far as it has been announced. What is set is that of the file that is under way.</summary>
    public long? Total
    {
        get
        {
            lock (_gate) return _isLast ? _done.Bytes + _part.Total : null;
        }
        set
        {
            lock (_gate) _part.Total = value;
        }
    }

    /// <summary>Bytes that this run has transferred: never less than before, also where it had to begin anew. What is set are those of the file that is under way.</summary>
    public long Transferred
    {
        get
        {
            lock (_gate) return _done.Transferred + _part.Transferred;
        }
        set
        {
            lock (_gate) _part.Transferred = value;
        }
    }

    /// <summary>Times that the fetch went on where it had stopped.</summary>
    public int Resumes { get => Volatile.Read(ref _resumes); set => Volatile.Write(ref _resumes, value); }

    /// <summary>What is being done, in one word.</summary>
    public string Step { get => _step; set => _step = value; }

    /// <summary>What the served file's header says, as soon as it has been read.</summary>
    public GgufMetadata? Gguf { get => _gguf; set => _gguf = value; }

    /// <summary>Begins with the next file.</summary>
    /// <param name="isLast">Whether it is the last one, with whose length that of all is known.</param>
    public void BeginPart(bool isLast)
    {
        lock (_gate)
        {
            _done = (_done.Bytes + _part.Bytes, _done.Transferred + _part.Transferred);
            _part = default;
            _isLast = isLast;
        }
    }

    /// <summary>Begins with the file that is under way at zero. What has been transferred of it stays counted.</summary>
    public void BeginAgain()
    {
        lock (_gate) (_done.Transferred, _part) = (_done.Transferred + _part.Transferred, default);
    }

    /// <summary>Begins with the first file again. What has been transferred stays counted.</summary>
    public void BeginAll()
    {
        lock (_gate) (_done, _part) = ((0, _done.Transferred + _part.Transferred), default);
    }

    /// <summary>Counts a file that was there already.</summary>
    /// <param name="bytes">Its size.</param>
    /// <param name="isLast">Whether it is the last one.</param>
    public void Skip(long bytes, bool isLast)
    {
        BeginPart(isLast);
        lock (_gate) (_part.Bytes, _part.Total) = (bytes, bytes);
    }
}

/// <summary>Writes one JSON line at each interval for as long as it lives.</summary>
internal sealed class ProgressLines : IAsyncDisposable
{
    // How much a new measurement counts in the rate.
    private const double Weight = 0.3;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private ProgressLines(FetchProgress progress, TextWriter output, TimeSpan interval, TimeProvider time) =>
        _running = RunAsync(progress, output, interval, time, _stop.Token);

    /// <summary>Starts to write.</summary>
    public static ProgressLines Start(FetchProgress progress, TextWriter output, TimeSpan interval, TimeProvider time) => new(progress, output, interval, time);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private static async Task RunAsync(FetchProgress progress, TextWriter output, TimeSpan interval, TimeProvider time, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(interval, time);
        double? rate = null;
        var (bytes, at) = (progress.Bytes, time.GetTimestamp());
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                var (bytesNow, now) = (progress.Bytes, time.GetTimestamp());
                var measured = Math.Max(0, bytesNow - bytes) / time.GetElapsedTime(at, now).TotalSeconds;
                rate = rate is null ? measured : (rate * (1 - Weight)) + (measured * Weight);
                (bytes, at) = (bytesNow, now);
                await output.WriteLineAsync(JsonSerializer.Serialize(ProgressLine.Of(progress, bytesNow, rate.Value), JsonFile.Format));
                await output.FlushAsync(CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // told to end
        }
    }
}

/// <summary>One line of progress, as JSON; the operator reads the last one.</summary>
/// <param name="Event">Tells such lines from others: <see cref="EventName"/>.</param>
/// <param name="Step">What is being done, in one word.</param>
/// <param name="Bytes">Bytes of the file that are there.</param>
/// <param name="Total">The announced length, where there is one.</param>
/// <param name="Transferred">Bytes that this run has transferred.</param>
/// <param name="Percent">Of the total.</param>
/// <param name="BytesPerSecond">The present rate, smoothed.</param>
/// <param name="EtaSeconds">What is left at that rate.</param>
/// <param name="Resumes">Times that the fetch went on where it had stopped.</param>
/// <param name="Gguf">What the file's header says, as soon as it has been read; its texts are cut.</param>
internal sealed record ProgressLine(
    string? Event, string? Step, long Bytes, long? Total, long Transferred, double? Percent, long BytesPerSecond, long? EtaSeconds, int Resumes, GgufMetadata? Gguf)
{
    // Who reads the end of a log reads a few lines of it.
    private const int LongestText = 64;

    /// <summary>What <see cref="Event"/> is.</summary>
    public const string EventName = "progress";

    /// <summary>The line of this moment.</summary>
    public static ProgressLine Of(FetchProgress progress, long bytes, double rate)
    {
        var total = progress.Total;
        return new ProgressLine(
            EventName,
            progress.Step,
            bytes,
            total,
            progress.Transferred,
            total > 0 ? Math.Round(100.0 * bytes / total.Value, 1) : null,
            (long)rate,
            total is { } all && rate >= 1 ? (long)Math.Ceiling(Math.Max(0, all - bytes) / rate) : null,
            progress.Resumes,
            Shortened.Of(progress.Gguf, LongestText));
    }
}
