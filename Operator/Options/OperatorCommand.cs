using System.CommandLine;
using System.CommandLine.Help;

namespace LlmKube.Operator.Options;

/// <summary>The command line: flags keep the Go operator's names. All that is wrong is told at once, a line each, with exit code 2.</summary>
internal sealed class OperatorCommand
{
    /// <summary>The exit code for what was said wrongly.</summary>
    public const int UsageError = 2;

    // Above the host's own limit, which ends a stubborn shutdown, and the five seconds that the last spans may take after it.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(38);

    private readonly Dictionary<string, Option> _flags;
    private readonly RootCommand _root = new("Runs LLMs on Kubernetes: fetches the weights of Models and serves InferenceServices with llama.cpp.")
    {
        // They are told here, with what may have been meant.
        TreatUnmatchedTokensAsErrors = false,
    };

    private readonly OptionsReader _reader;
    private OperatorOptions _options = new();

    /// <summary>Describes the command line.</summary>
    /// <param name="run">Runs the operator and gives the exit code.</param>
    /// <param name="reader">Reads what is said beside the command line.</param>
    /// <param name="verbs">Further verbs of the same program.</param>
    public OperatorCommand(Func<OperatorOptions, CancellationToken, Task<int>> run, OptionsReader reader, params IEnumerable<Command> verbs)
    {
        _reader = reader;
        _flags = OptionTable.All.ToDictionary(o => o.Name, o => o.ToFlag());
        foreach (var flag in GoFlag.All) _flags[flag.Name] = OperatorOption.FlagOf(flag.Name, flag.IsSwitch);
        foreach (var flag in _flags.Values) _root.Options.Add(flag);
        foreach (var verb in verbs) _root.Subcommands.Add(verb);
        if (_root.Options.OfType<HelpOption>().FirstOrDefault() is { Action: HelpAction ofVerbs } help) help.Action = new OptionsHelp(_root, ofVerbs);
        _root.SetAction((_, cancellationToken) => run(_options, cancellationToken));
    }

    /// <summary>Parses and runs, or says what is wrong.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="error">Where that goes.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> InvokeAsync(string[] args, TextWriter error)
    {
        var parsed = _root.Parse([.. args.SelectMany(Parted)]);
        List<string> problems = [.. parsed.Errors.Select(e => e.Message.ReplaceLineEndings(" ").Trim())];

        // Not where only help was asked for.
        if (parsed.CommandResult.Command == _root && (parsed.Action == _root.Action || problems.Count > 0))
        {
            problems.AddRange(Unknown(parsed.UnmatchedTokens));
            (_options, var wrong) = _reader.Read(OptionSource.OfCommandLine(parsed, _flags));
            problems.AddRange(wrong);
        }

        if (problems is []) return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = ShutdownTimeout });
        problems[^1] += " (see --help)";
        foreach (var problem in problems) await error.WriteLineAsync($"llmkube-operator: {problem}");
        return UsageError;
    }

    // To the library a flag with nothing behind its = would have no value; here that is an empty one.
    private string[] Parted(string argument) => argument is ['-', .., '='] && _flags.ContainsKey(argument[..^1].TrimStart('-')) ? [argument[..^1], ""] : [argument];

    // What stands behind an unknown flag may be its value.
    private IEnumerable<string> Unknown(IReadOnlyList<string> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            var name = tokens[i].Split('=')[0];
            if (name.StartsWith('-')) yield return $"{name} is no flag{Nearest.Hint($"--{name.TrimStart('-')}", _flags.Keys.Select(f => $"--{f}"))}";
            else if (i == 0 || !tokens[i - 1].StartsWith('-') || tokens[i - 1].Contains('=')) yield return $"{name} is no verb{Nearest.Hint(name, _root.Subcommands.Select(c => c.Name))}";
        }
    }
}
