using System.CommandLine;

namespace LlmKube.Operator.Fetching;

/// <summary>The verb <c>remove</c>, which takes an artefact out of a cache and leaves its result as the container's termination message.</summary>
public static class RemoveCommand
{
    private static readonly Option<string> Target = new("--target") { Description = "The file that download was told to bring there", Required = true };

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
            Target, TerminationLog,
        };
        command.SetAction(async (parsed, _) =>
        {
            var refused = new FetchReport { Complete = false, Message = $"{parsed.GetValue(Target)} stays: this version of the operator removes nothing yet" };
            await TerminationMessage.WriteAsync(refused, parsed.GetValue(TerminationLog), Console.Out);
            return ExitCodes.TryLater;
        });
        return command;
    }
}
