namespace LlmKube.Operator.Fetching;

/// <summary>One run of a fetch from its options to its report.</summary>
internal static class Fetch
{
    /// <summary>Runs; failures that the user can be told come back as a report.</summary>
    public static async Task<(FetchReport Report, int ExitCode)> RunAsync(
        FetchOptions options, TextWriter output, TimeProvider time, Random chance, CancellationToken cancellationToken)
    {
        var progress = new FetchProgress();
        await using var lines = ProgressLines.Start(progress, output, options.ProgressInterval, time);
        using var http = new HttpMessageInvoker(HttpConnections.CreateHandler());
        var downloader = new Downloader(options, SourceOf(options, http, time), progress, FreeSpace, time, chance);
        try
        {
            return (await downloader.RunAsync(cancellationToken), ExitCodes.Complete);
        }
        catch (FetchFailure e)
        {
            return (FetchReport.Of(e), e.TryAgain is TryAgain.WhenChanged ? ExitCodes.Terminal : ExitCodes.TryLater);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            var interrupted = new FetchFailure(FetchReasons.Interrupted, $"stopped at byte {progress.Bytes}", TryAgain.Later);
            return (FetchReport.Of(interrupted), ExitCodes.Interrupted);
        }
    }

    private static IArtifactSource SourceOf(FetchOptions options, HttpMessageInvoker http, TimeProvider time)
    {
        if (!SourceAddress.TryParse(options.Source, out var address, out var problem)) throw new ArgumentException($"the source {problem}", nameof(options));
        return address switch
        {
            SourceAddress.Remote remote => new HttpSource(http, remote, options, time),
            SourceAddress.Local local => new FileSource(options.LocalPath ?? local.Path, local.Shown),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static long FreeSpace(string folder) => new DriveInfo(folder).AvailableFreeSpace;
}
