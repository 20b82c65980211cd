using System.CommandLine;
using System.Security.Cryptography;

namespace LlmKube.Operator.Fetching;

/// <summary>
/// The verb <c>download</c>, which fetch Jobs run: brings one source to its place, tells of its progress on stdout, and leaves
/// its result as the container's termination message.
/// </summary>
public static class DownloadCommand
{
    /// <summary>The environment variable that holds the source when <c>--source</c> is not given: URLs can hold tokens, and arguments are seen by all.</summary>
    public const string SourceVariable = "LLMKUBE_SOURCE";

    private static readonly Option<string?> Source = new("--source")
    {
        Description = $"What to fetch: an http, https or file URL, or an absolute path (default: ${SourceVariable})",
    };

    private static readonly Option<string> Target = new("--target") { Description = "Where the verified file goes", Required = true };

    private static readonly Option<string?> LocalPath = new("--local-path") { Description = "Where the file of a local source is mounted (default: at its own path)" };

    private static readonly Option<string?> TerminationLog = new("--termination-log")
    {
        Description = $"File for the result as JSON (default: {TerminationMessage.DefaultPath} where that exists)",
    };

    private static readonly Option<int> Retries = Number("--retries", "Failures in a row, without a byte between them, after which this run ends", 8, 0, 1000);
    private static readonly Option<int> StallTimeout = Number("--stall-timeout", "Seconds of silence after which a connection has stalled", 60, 1, 3600);
    private static readonly Option<int> MaxRedirects = Number("--max-redirects", "Redirects followed one after the other", 10, 0, 50);
    private static readonly Option<int> LockTimeout = Number("--lock-timeout", "Seconds to wait for another process that writes the same file", 300, 0, 86400);

    /// <summary>The verb for the program's root command.</summary>
    public static Command Create()
    {
        var command = new Command("download", $"""
            Fetches a model file once: resumes what an earlier run left, verifies it as GGUF, and marks it complete.

            Prints one JSON line a second and its result last. Exit codes: {ExitCodes.Complete} complete, {ExitCodes.TryLater} failed but worth another run,
            {ExitCodes.Usage} wrong command line, {ExitCodes.Terminal} failed until the source changes, {ExitCodes.Interrupted} stopped by a signal (the next run goes on).
            """)
        {
            Source, Target, LocalPath, TerminationLog, Retries, StallTimeout, MaxRedirects, LockTimeout,
        };
        command.Validators.Add(result =>
        {
            var source = result.GetValue(Source) ?? Environment.GetEnvironmentVariable(SourceVariable);
            if (source is null) result.AddError($"--source: is missing, and ${SourceVariable} is not set");
            else if (!SourceAddress.TryParse(source, out _, out var problem)) result.AddError($"--source: {problem}");
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            var options = new FetchOptions
            {
                Source = parsed.GetValue(Source) ?? Environment.GetEnvironmentVariable(SourceVariable)!,
                Target = parsed.GetValue(Target)!,
                LocalPath = parsed.GetValue(LocalPath),
                Retries = parsed.GetValue(Retries),
                StallTimeout = TimeSpan.FromSeconds(parsed.GetValue(StallTimeout)),
                MaxRedirects = parsed.GetValue(MaxRedirects),
                LockTimeout = TimeSpan.FromSeconds(parsed.GetValue(LockTimeout)),
            };
            return RunAsync(options, parsed.GetValue(TerminationLog), Console.Out, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(FetchOptions options, string? terminationLog, TextWriter output, CancellationToken cancellationToken)
    {
        var chance = new Random(RandomNumberGenerator.GetInt32(int.MaxValue));
        var (report, exitCode) = await Fetch.RunAsync(options, output, Console.Error, TimeProvider.System, chance, cancellationToken);
        var message = TerminationMessage.Format(report);
        await output.WriteLineAsync(message);
        if ((terminationLog ?? (File.Exists(TerminationMessage.DefaultPath) ? TerminationMessage.DefaultPath : null)) is { } path)
        {
            await File.WriteAllTextAsync(path, message, CancellationToken.None);
        }

        return exitCode;
    }

    private static Option<int> Number(string name, string description, int value, int least, int most)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, out var given) || given < least || given > most))
            {
                result.AddError($"{name}: '{token.Value}' must be a number from {least} to {most}");
            }
        });
        return option;
    }
}
