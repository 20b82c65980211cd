using System.CommandLine;

namespace LlmKube.Operator.Fetching;

/// <summary>The verb <c>remove</c>, which takes an artefact out of a cache and leaves its result as the container's termination message.</summary>
public static class RemoveCommand
{
    // A fetch that is told to stop ends within seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly Option<string> Target = new("--target") { Description = "The file that download was told to bring there", Required = true };

    private static readonly Option<string[]> Files = new("--file") { Description = "A file of the repository that download was told to bring; again for each further one, in the same order" };

    private static readonly Option<string?> TerminationLog = new("--termination-log")
    {
        Description = $"File for the result as JSON (default: {TerminationMessage.DefaultPath} where that exists)",
    };

    /// <summary>The verb for the program's root command.</summary>
    public static Command Create()
    {
        var command = new Command("remove", $"""
            Removes a model file and what lies beside it, and nothing else.

            Exit codes: {ExitCodes.Complete} removed or not there, {ExitCodes.TryLater} failed but worth another run, {ExitCodes.Usage} wrong command line.
            """)
        {
            Target, Files, TerminationLog,
        };
        command.Validators.Add(result =>
        {
            foreach (var file in result.GetValue(Files) ?? [])
            {
                if (!file.Split('/').All(SourceFiles.IsStep) || file.Split('/').Any(ArtifactPaths.IsReserved)) result.AddError($"--file: '{file}' must be a relative path without '.', '..' and empty steps");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (report, exitCode) = await RunAsync(parsed.GetValue(Target)!, parsed.GetValue(Files) ?? [], cancellationToken);
            await TerminationMessage.WriteAsync(report, parsed.GetValue(TerminationLog), Console.Out);
            return exitCode;
        });
        return command;
    }

    private static async Task<(FetchReport Report, int ExitCode)> RunAsync(string target, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        try
        {
            return (await ArtifactRemoval.RunAsync(target, files, Patience, TimeProvider.System, cancellationToken), ExitCodes.Complete);
        }
        catch (FetchFailure e)
        {
            return (FetchReport.Of(e), ExitCodes.TryLater);
        }
    }
}
