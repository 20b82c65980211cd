using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace LlmKube.Operator.Options;

/// <summary>The answer to <c>--help</c>: the options by what they are about; of a verb the library's own.</summary>
/// <param name="root">The root command.</param>
/// <param name="ofVerbs">Tells of verbs.</param>
internal sealed class OptionsHelp(RootCommand root, HelpAction ofVerbs) : SynchronousCommandLineAction
{
    /// <summary>Whoever asks for help of a verb has not yet said what it needs.</summary>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.CommandResult.Command != root) return ofVerbs.Invoke(parseResult);
        Write(parseResult.InvocationConfiguration.Output);
        return 0;
    }

    private void Write(TextWriter output)
    {
        output.WriteLine(root.Description);
        output.WriteLine();
        output.WriteLine("Usage: llmkube-operator [FLAG...]");
        output.WriteLine("       llmkube-operator VERB [--help]");
        output.WriteLine();
        output.WriteLine($"Each option is a flag, a variable, or a key of the section {OperatorOption.Section} of a JSON file (the flag's name without dashes).");
        output.WriteLine("The flag goes before the variable, that before the file.");
        foreach (var group in OptionTable.Groups)
        {
            output.WriteLine();
            output.WriteLine($"{group.About}:");
            if (group.Note is { } note) output.WriteLine($"  {note}");
            foreach (var option in group.Options)
            {
                output.WriteLine($"  {(option.Short is { } letter ? $"{letter}, " : "")}{option.Flag}{(option.IsSwitch ? $"[={option.Value}]" : $"={option.Value}")}");
                output.WriteLine($"      {option.Help}");
                output.WriteLine($"      (default: {option.Default}; {option.Variable})");
            }
        }

        output.WriteLine();
        output.WriteLine("Flags of the Go operator:");
        foreach (var flag in GoFlag.All)
        {
            output.WriteLine($"  --{flag.Name}");
            output.WriteLine($"      {flag.Effect}");
        }

        output.WriteLine();
        output.WriteLine("Verbs:");
        foreach (var verb in root.Subcommands.Where(c => !c.Hidden)) output.WriteLine($"  {verb.Name,-10} {verb.Description}");
    }
}
