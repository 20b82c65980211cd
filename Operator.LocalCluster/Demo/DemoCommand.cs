using System.CommandLine;
using System.CommandLine.Parsing;
using System.ComponentModel;
using System.Text.Json;
using LlmKube.Operator.LocalCluster.Commands;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

using k8s.Autorest;

namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>The verb <c>demo</c>: from nothing to an answer of a served model.</summary>
internal static class DemoCommand
{
    private const int CannotRun = 1;
    private const int Interrupted = 130; // as shells report SIGINT

    public static Command Create()
    {
        var model = new Option<Uri?>("--model") { Description = "The http or https URL of a GGUF file to serve; by default a small one is generated.", CustomParser = ReadModel };
        var exit = new Option<bool>("--exit") { Description = "End after the answer instead of waiting for Ctrl-C." };
        var port = SharedOptions.Port();
        var folder = new Option<string?>("--folder") { Description = "Where to keep kubeconfig, volumes and logs; by default .demo in the repository." };
        var root = new Option<string?>("--root") { Description = "The repository; by default the one above the current folder." };
        var timeout = SharedOptions.Number("--timeout", "Seconds to wait while nothing moves: no byte is fetched, no phase changes.", 600, 1, 86_400);
        var command = new Command("demo", "Run a cluster whose pods are processes, install the operator, serve a model and ask it.") { model, exit, port, folder, root, timeout };
        command.SetAction(async (parsed, cancellation) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var console = new DemoConsole(output, IsTerminal(output), TimeProvider.System);
            var run = new DemoRun(console);
            try
            {
                var repository = Repository.Find(parsed.GetValue(root));
                await run.RunAsync(
                    new()
                    {
                        Root = repository,
                        Folder = Path.GetFullPath(parsed.GetValue(folder) ?? Path.Combine(repository, ".demo")),
                        Port = parsed.GetValue(port),
                        Model = parsed.GetValue(model),
                        Exit = parsed.GetValue(exit),
                        Patience = TimeSpan.FromSeconds(parsed.GetValue(timeout)),
                    },
                    cancellation);
                return 0;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                console.EndLine();
                return run.HasFailed ? CannotRun : run.HasAnswered ? 0 : Interrupted;
            }
            catch (CannotRunException e)
            {
                return await RefuseAsync(console, error, e.Message);
            }
            catch (Exception e) when (e is HttpOperationException or HttpRequestException or IOException or UnauthorizedAccessException or JsonException or Win32Exception or OperationCanceledException)
            {
                return await RefuseAsync(console, error, e is HttpOperationException refused ? refused.Words() : e.Message);
            }
        });
        return command;
    }

    private static async Task<int> RefuseAsync(DemoConsole console, TextWriter error, string why)
    {
        console.EndLine();
        await error.WriteLineAsync($"error: {why.ReplaceLineEndings(" ").Trim()}");
        return CannotRun;
    }

    private static Uri? ReadModel(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Host.Length: > 0 }) return url;
        result.AddError($"--model must be an http or https URL of a GGUF file, not \"{text}\".");
        return null;
    }

    private static bool IsTerminal(TextWriter output) => ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb");
}
