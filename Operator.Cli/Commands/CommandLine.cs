using System.CommandLine;
using System.Reflection;
using k8s.Autorest;
using LlmKube.Operator.Cli.Cluster;

namespace LlmKube.Operator.Cli.Commands;

/// <summary>The program as a function: arguments in, text and exit code out. 0 is success; 2 comes with one line that says what is wrong.</summary>
internal static class CommandLine
{
    private const int Failed = 2;

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, TimeProvider time, CancellationToken cancellation)
    {
        var root = new RootCommand("Manifests and CustomResourceDefinitions of a Kubernetes operator, from its built assemblies.")
        {
            GenerateCommand.Create(), InstallCommands.Install(time), InstallCommands.Uninstall(time), EmptyCommand.Create(time), ApiVersionCommand.Create(),
        };
        var parsed = root.Parse(args);
        if (parsed.Errors is [var first, ..])
        {
            // A word that nobody knows is the cause; that a command is missing then follows from it.
            var cause = parsed.Errors.FirstOrDefault(e => parsed.UnmatchedTokens.Any(e.Message.Contains)) ?? first;
            await error.WriteLineAsync($"error: {OneLine(cause.Message)} (see --help)");
            return Failed;
        }

        try
        {
            var configuration = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false };
            return await parsed.InvokeAsync(configuration, cancellation);
        }
        catch (Exception e) when (MessageOf(e) is not null)
        {
            await error.WriteLineAsync($"error: {OneLine(MessageOf(e)!)}");
            return Failed;
        }
    }

    // What a user can mend. Anything else is a fault of this program, and its stack trace is wanted.
    private static string? MessageOf(Exception error) => error switch
    {
        CliException or IOException or UnauthorizedAccessException or HttpRequestException => error.Message,
        HttpOperationException refused => "the API server refused: " + ApiErrors.MessageOf(refused),
        ReflectionTypeLoadException { LoaderExceptions: [{ } why, ..] } => why.Message,
        OperationCanceledException => "cancelled",
        _ => null,
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
