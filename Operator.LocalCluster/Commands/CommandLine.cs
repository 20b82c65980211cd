using System.CommandLine;
using System.Net.Sockets;
using LlmKube.Operator.LocalCluster.Demo;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Console;

namespace LlmKube.Operator.LocalCluster.Commands;

/// <summary>
/// The program's command line. Exit code 0: it ran until it was told to stop (SIGINT, SIGTERM); 1: it can't run; 2: the command line is
/// mistaken. 1 and 2 come with one line that says why.
/// </summary>
internal static class CommandLine
{
    private const int CannotRun = 1;
    private const int Mistaken = 2;

    // More than any part takes to stop: after it the library would end the process with the signal's code.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var root = new RootCommand("A Kubernetes development cluster on this machine. It is not Kubernetes: no security boundary, nothing survives a stop.")
        {
            UpCommand.Create(), ApiServerCommand.Create(), PartCommands.Controllers(), PartCommands.Scheduler(), PartCommands.Nodes(), PartCommands.Proxy(), DemoCommand.Create(),
        };
        var parsed = root.Parse(args);
        if (parsed.Errors is [var first, ..])
        {
            // A word that nobody knows is the cause; that a command is missing then follows from it.
            var cause = parsed.Errors.FirstOrDefault(e => parsed.UnmatchedTokens.Any(e.Message.Contains)) ?? first;
            return await RefuseAsync(error, $"{cause.Message} (see --help)", Mistaken);
        }

        try
        {
            var invocation = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = StopTimeout };
            return await parsed.InvokeAsync(invocation);
        }
        catch (OptionException e)
        {
            return await RefuseAsync(error, $"{e.Option}: {e.Message}", Mistaken);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            return await RefuseAsync(error, $"{e.Message.TrimEnd('.')}; choose another with --port, or 0 for any that is free", CannotRun);
        }
        catch (IOException e) when (e.InnerException is SocketException)
        {
            return await RefuseAsync(error, e.Message, CannotRun);
        }
        catch (CannotRunException e)
        {
            return await RefuseAsync(error, e.Message, CannotRun);
        }
    }

    /// <summary>Log lines on the console; those of the web server only from warnings on, and its failure to start is told by its exception.</summary>
    public static ILoggerFactory Logs() => LoggerFactory.Create(log => log
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
        .AddSimpleConsole(c => c.ColorBehavior = LoggerColorBehavior.Disabled));

    private static async Task<int> RefuseAsync(TextWriter error, string why, int code)
    {
        await error.WriteLineAsync($"error: {why.ReplaceLineEndings(" ").Trim()}");
        return code;
    }
}
