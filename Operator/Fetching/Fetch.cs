using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Fetching;

/// <summary>One run of a fetch from its options to its report.</summary>
internal static class Fetch
{
    /// <summary>Runs; whatever comes of it comes back as a report.</summary>
    /// <param name="options">What and where.</param>
    /// <param name="output">For progress lines.</param>
    /// <param name="errors">For where in the program an unforeseen failure happened, which the user of a Model has no use for.</param>
    /// <param name="time">The clock.</param>
    /// <param name="chance">Spreads retries.</param>
    /// <param name="cancellationToken">Stops it; what has come stays for the next run.</param>
    public static async Task<(FetchReport Report, int ExitCode)> RunAsync(
        FetchOptions options, TextWriter output, TextWriter errors, TimeProvider time, Random chance, CancellationToken cancellationToken)
    {
        var progress = new FetchProgress();
        await using var lines = ProgressLines.Start(progress, output, options.ProgressInterval, time);
        using var http = new HttpMessageInvoker(HttpConnections.CreateHandler());
        try
        {
            var downloader = new Downloader(options, SourceOf(options, http, time), progress, FreeSpace, time, chance);
            return (await downloader.RunAsync(cancellationToken), ExitCodes.Complete);
        }
        catch (FetchFailure e)
        {
            return (Failed(FetchReport.Of(e)), e.TryAgain is TryAgain.WhenChanged ? ExitCodes.Terminal : ExitCodes.TryLater);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            var interrupted = new FetchFailure(Reasons.Interrupted, $"stopped at byte {progress.Bytes}", TryAgain.Later);
            return (Failed(FetchReport.Of(interrupted)), ExitCodes.Interrupted);
        }
#pragma warning disable CA1031 // The edge of the program: a crash would leave the user half a stack trace.
        catch (Exception e)
#pragma warning restore CA1031
        {
            await errors.WriteLineAsync($"{e.GetType()}{Environment.NewLine}{e.StackTrace}");
            var words = SourceAddress.TryParse(options.Source, out var address, out _) && address is SourceAddress.Remote remote ? ServerWords.Clean(e.Message, remote) : e.Message;
            return (Failed(FetchReport.Of(e, words)), ExitCodes.TryLater);
        }

        FetchReport Failed(FetchReport report) => report with { Transferred = progress.Transferred };
    }

    private static IArtifactSource SourceOf(FetchOptions options, HttpMessageInvoker http, TimeProvider time)
    {
        if (!SourceAddress.TryParse(options.Source, out var address, out var problem)) throw new ArgumentException($"the source {problem}", nameof(options));
        return address switch
        {
            SourceAddress.Remote remote => new HttpSource(http, remote, options, time),
            SourceAddress.Local local => new FileSource(options.LocalPath ?? local.Path, local.Shown),
            _ => throw new FetchFailure(Reasons.DownloadFailed, $"{address.Shown} can't be fetched by this version of the operator", TryAgain.Later),
        };
    }

    private static long FreeSpace(string folder) => new DriveInfo(folder).AvailableFreeSpace;
}
