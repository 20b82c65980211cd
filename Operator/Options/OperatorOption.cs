using System.CommandLine;

namespace LlmKube.Operator.Options;

/// <summary>One thing that can be said to the operator: a flag, a variable of the environment, or a key of a file, each by the same name.</summary>
/// <param name="Name">In small letters, with <c>-</c> between words: the key; with <c>--</c> before it the flag.</param>
/// <param name="Help">What it is, in one line.</param>
/// <param name="Default">What holds where nothing is said, as text.</param>
/// <param name="Rule">What a value must be, as the end of a sentence that begins with the value.</param>
/// <param name="Put">The options with a value; null: the text is none. Of a list it is called for each item.</param>
internal sealed record OperatorOption(string Name, string Help, string Default, string Rule, Func<OperatorOptions, string, OperatorOptions?> Put)
{
    /// <summary>What the names of all variables begin with.</summary>
    public const string VariablePrefix = "LLMKUBE_";

    /// <summary>The section of a file that has all keys.</summary>
    public const string Section = "LlmKube";

    /// <summary>The flag.</summary>
    public string Flag => $"--{Name}";

    /// <summary>The variable.</summary>
    public string Variable => VariablePrefix + Name.ToUpperInvariant().Replace('-', '_');

    /// <summary>A flag of one letter that says the same.</summary>
    public string? Short { get; init; }

    /// <summary>What stands for a value in help; switches have <c>true|false</c>.</summary>
    public string Value { get; init; } = "VALUE";

    /// <summary>True: the flag alone means true.</summary>
    public bool IsSwitch { get; init; }

    /// <summary>True: several values, with commas between, or as an array in a file; the flag may be repeated.</summary>
    public bool IsList { get; init; }

    /// <summary>Without which other options this has no effect.</summary>
    public IReadOnlyList<OptionNeed> Needs { get; init; } = [];

    /// <summary>True for a value that says what would hold anyway.</summary>
    public bool IsDefault(string value)
    {
        var nothing = new OperatorOptions();
        return Equals(Put(nothing, value), Put(nothing, Default));
    }

    /// <summary>A value that is read by a function for which null is "not a value".</summary>
    public static OperatorOption Of<T>(string name, string help, string @default, Func<string, T?> read, string rule, Func<OperatorOptions, T, OperatorOptions> put)
        where T : struct =>
        new(name, help, @default, rule, (options, text) => read(text) is { } value ? put(options, value) : null);

    /// <summary>A value that is read by a function for which null is "not a value".</summary>
    public static OperatorOption Of<T>(string name, string help, string @default, Func<string, T?> read, string rule, Func<OperatorOptions, T, OperatorOptions> put)
        where T : class =>
        new(name, help, @default, rule, (options, text) => read(text) is { } value ? put(options, value) : null);

    /// <summary>Text that is taken as it is, if it keeps a rule.</summary>
    public static OperatorOption Text(string name, string help, string @default, Func<string, bool> holds, string rule, Func<OperatorOptions, string, OperatorOptions> put) =>
        new(name, help, @default, rule, (options, text) => holds(text) ? put(options, text) : null);

    /// <summary>Yes or no.</summary>
    public static OperatorOption Switch(string name, string help, bool @default, Func<OperatorOptions, bool, OperatorOptions> put) =>
        Of(name, help, @default ? "true" : "false", FlagValues.Switch, FlagValues.SwitchRule, put) with { IsSwitch = true, Value = "true|false" };

    /// <summary>The flag for the command line. Values are text, since of others the library would say in its own words what is wrong with them.</summary>
    public Option ToFlag() => FlagOf(Name, IsSwitch, IsList, Short);

    /// <summary>A flag; as in Go one <c>-</c> is as good as two.</summary>
    public static Option FlagOf(string name, bool isSwitch, bool isList = false, string? @short = null)
    {
        string[] aliases = [$"-{name}", .. @short is null ? [] : new[] { @short }];
        if (isList) return new Option<string[]>($"--{name}", aliases) { Arity = ArgumentArity.OneOrMore };
        return new Option<string>($"--{name}", aliases) { Arity = isSwitch ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne };
    }
}

/// <summary>Another option, without which one has no effect.</summary>
/// <param name="Flag">The other's flag.</param>
/// <param name="IsMet">True for options with it.</param>
/// <param name="IsMistake">True: to say the one without the other is a mistake; false: it is passed over, as the Go operator does, and told.</param>
internal sealed record OptionNeed(string Flag, Func<OperatorOptions, bool> IsMet, bool IsMistake = true);

/// <summary>Options that belong together.</summary>
/// <param name="About">What they are about.</param>
/// <param name="Options">In the order in which they are told.</param>
internal sealed record OptionGroup(string About, IReadOnlyList<OperatorOption> Options)
{
    /// <summary>What else is to be said of them.</summary>
    public string? Note { get; init; }
}
