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
        try
        {
            var connections = new HttpConnections(AddressPolicy.Allowing(options.AllowedAddresses), HttpClient.DefaultProxy, TrustedRoots.Of(options.AuthoritiesFolder));
            using var http = new HttpMessageInvoker(connections.CreateHandler());
            var parts = ArtifactPlan.Of(AddressOf(options), options.Files);
            var sources = new Sources(options, http, connections, time);
            var report = options switch
            {
                { VerifyOnly: true } => await SourceProof.VerifyAsync(options, parts, sources.Open, progress, time, cancellationToken),
                { HeaderOnly: true } => await SourceProof.HeaderAsync(options, parts, sources.Open, progress, time, cancellationToken),
                _ => await new Downloader(options, parts, sources.Open, progress, FreeSpace, time, chance).RunAsync(cancellationToken),
            };
            return (report, ExitCodes.Complete);
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
            var words = SourceAddress.TryParse(options.Source, out var address, out _) && address is SourceAddress.Remote remote ? ServerWords.Clean(e.Message, remote, credentials: null) : e.Message;
            return (Failed(FetchReport.Of(e, words)), ExitCodes.TryLater);
        }

        FetchReport Failed(FetchReport report) => report with { Transferred = progress.Transferred, Resumes = progress.Resumes };
    }

    private static SourceAddress AddressOf(FetchOptions options) =>
        SourceAddress.TryParse(options.Source, out var address, out var problem) ? address : throw new ArgumentException($"the source {problem}", nameof(options));

    private static long FreeSpace(string folder) => new DriveInfo(folder).AvailableFreeSpace;
}
