using System.CommandLine;
using System.CommandLine.Parsing;
using System.Security.Cryptography;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Options;

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
        Description = $"What to fetch: an http, https, hf, pvc or file URL, or an absolute path (default: ${SourceVariable})",
    };

    private static readonly Option<string> Target = new("--target") { Description = "Where the verified file goes", Required = true };

    private static readonly Option<string[]> Files = Many("--file", "A file of the repository that the source names; again for each further one. The first is served");
    private static readonly Option<string[]> ExpectSha256 = Many("--expect-sha256", "The SHA-256 that the file must have; given more than once, one of them");
    private static readonly Option<string?> Credentials = new("--credentials") { Description = "Folder with HF_TOKEN, token, or username and password, for the source's own host" };
    private static readonly Option<string?> Authorities = new("--ca") { Description = "Folder with PEM files of authorities to trust beside the system's own" };

    private static readonly Option<string[]> AllowAddress =
        Many("--allow-address", "A host, address or CIDR block that may be connected to although it is not public; again for each further one");

    private static readonly Option<string?> HuggingFaceEndpoint = new("--hf-endpoint")
    {
        Description = $"URL that stands in for the Hugging Face Hub (default: {SourceDefaults.HuggingFaceEndpoint})",
    };

    private static readonly Option<bool> VerifyOnly = new("--verify-only") { Description = "Prove a source that is mounted (a pvc or file URL, or a path) where it lies, and write nothing" };
    private static readonly Option<bool> HeaderOnly = new("--header-only") { Description = "Read the header only, and write nothing" };
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
            Source, Files, Target, ExpectSha256, Credentials, Authorities, AllowAddress, HuggingFaceEndpoint, VerifyOnly, HeaderOnly, LocalPath, TerminationLog, Retries, StallTimeout, MaxRedirects, LockTimeout,
        };
        command.Validators.Add(CheckSource);
        command.Validators.Add(CheckVerifyOnly);
        command.Validators.Add(result =>
        {
            if (result.GetValue(VerifyOnly) && result.GetValue(HeaderOnly)) result.AddError("--header-only: goes without --verify-only, which reads the whole file");
        });
        command.SetAction((parsed, cancellationToken) => RunAsync(Read(parsed), parsed.GetValue(TerminationLog), Console.Out, cancellationToken));
        return command;
    }

    static DownloadCommand()
    {
        Check(ExpectSha256, v => FlagValues.Sha256(v) is not null, "must be 64 hexadecimal digits");
        Check(AllowAddress, v => FlagValues.SourceAddress(v) is not null, FlagValues.SourceAddressRule);
        HuggingFaceEndpoint.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && FlagValues.Endpoint(token.Value) is null) result.AddError($"--hf-endpoint: '{token.Value}' {FlagValues.EndpointRule}");
        });
    }

    /// <summary>The options of a command line without errors.</summary>
    internal static FetchOptions Read(ParseResult parsed) => new()
    {
        Source = SourceOf(parsed.GetValue(Source))!,
        Files = parsed.GetValue(Files) ?? [],
        Target = parsed.GetValue(Target)!,
        ExpectedSha256 = [.. (parsed.GetValue(ExpectSha256) ?? []).Select(v => FlagValues.Sha256(v)!)],
        CredentialsFolder = parsed.GetValue(Credentials),
        AuthoritiesFolder = parsed.GetValue(Authorities),
        AllowedAddresses = [.. (parsed.GetValue(AllowAddress) ?? []).Select(v => FlagValues.SourceAddress(v)!)],
        HuggingFaceEndpoint = FlagValues.Endpoint(parsed.GetValue(HuggingFaceEndpoint) ?? SourceDefaults.HuggingFaceEndpoint)!,
        VerifyOnly = parsed.GetValue(VerifyOnly),
        HeaderOnly = parsed.GetValue(HeaderOnly),
        LocalPath = parsed.GetValue(LocalPath),
        Retries = parsed.GetValue(Retries),
        StallTimeout = TimeSpan.FromSeconds(parsed.GetValue(StallTimeout)),
        MaxRedirects = parsed.GetValue(MaxRedirects),
        LockTimeout = TimeSpan.FromSeconds(parsed.GetValue(LockTimeout)),
    };

    private static void CheckSource(CommandResult result)
    {
        if (SourceOf(result.GetValue(Source)) is not { } source) result.AddError($"--source: is missing, and ${SourceVariable} is not set");
        else if (!SourceAddress.TryParse(source, out var address, out var problem)) result.AddError($"--source: {problem}");
        else if (SourceFiles.Problem(address, result.GetValue(Files) ?? [], "--source", "--file") is { } mismatch) result.AddError(mismatch);
    }

    // What comes over a network is proved when it is fetched: to read all of it and keep nothing would serve nobody.
    private static void CheckVerifyOnly(CommandResult result)
    {
        if (!result.GetValue(VerifyOnly) || SourceOf(result.GetValue(Source)) is not { } source || !SourceAddress.TryParse(source, out var address, out _)) return;
        if (address is SourceAddress.Claim or SourceAddress.Local) return;
        result.AddError($"--verify-only: goes with sources that are mounted (pvc: and file: URLs, and paths); {address.Shown} is proved when it is fetched, so leave the flag out, or take --header-only");
    }

    private static string? SourceOf(string? given) => given ?? Environment.GetEnvironmentVariable(SourceVariable);

    private static async Task<int> RunAsync(FetchOptions options, string? terminationLog, TextWriter output, CancellationToken cancellationToken)
    {
        var chance = new Random(RandomNumberGenerator.GetInt32(int.MaxValue));
        var (report, exitCode) = await Fetch.RunAsync(options, output, Console.Error, TimeProvider.System, chance, cancellationToken);
        await TerminationMessage.WriteAsync(report, terminationLog, output);
        return exitCode;
    }

    private static Option<string[]> Many(string name, string description) => new(name) { Description = description };

    private static void Check(Option<string[]> option, Func<string, bool> holds, string rule) => option.Validators.Add(result =>
    {
        foreach (var token in result.Tokens.Where(t => !holds(t.Value))) result.AddError($"{option.Name}: '{token.Value}' {rule}");
    });

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
