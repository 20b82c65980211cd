using System.CommandLine;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LlmKube.Operator.Options;

/// <summary>What one source says of an option.</summary>
/// <param name="Origin">The flag, variable or key that said it, as a message names it.</param>
/// <param name="Values">One value, or those of a list.</param>
internal sealed record GivenValue(string Origin, IReadOnlyList<string> Values);

/// <summary>What the command line, the environment or a file says.</summary>
internal sealed partial class OptionSource
{
    // Of this project's own tests, build and local cluster, which start operators.
    private static readonly string[] OthersPrefixes = ["LLMKUBE_TEST_", "LLMKUBE_GGUF_", "LLMKUBE_TOOLS_", "LLMKUBE_LOCAL_"];

    /// <summary>By the name of the option.</summary>
    public Dictionary<string, GivenValue> Values { get; } = [];

    /// <summary>What can't be an option, or is none of this source.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Flags of the Go operator that were given and change nothing.</summary>
    public List<string> Unused { get; } = [];

    /// <summary>The command line.</summary>
    /// <param name="parsed">What was parsed, of which other errors have been told.</param>
    /// <param name="flags">The flags of the options and of the Go operator, by name.</param>
    public static OptionSource OfCommandLine(ParseResult parsed, IReadOnlyDictionary<string, Option> flags)
    {
        var source = new OptionSource();
        foreach (var option in OptionTable.All)
        {
            if (Said(parsed, flags[option.Name], option.IsSwitch) is { } values) source.Values[option.Name] = new(option.Flag, values);
        }

        foreach (var flag in GoFlag.All)
        {
            if (Said(parsed, flags[flag.Name], flag.IsSwitch) is not { } values) continue;
            if (values is not [var value] || flag.Means(value) is not { } meant) source.Problems.Add($"--{flag.Name}: '{string.Join(",", values)}' {flag.Rule}");
            else if (meant is []) source.Unused.Add($"--{flag.Name}: {flag.Effect}");
            else foreach (var (option, text) in meant) source.Values.TryAdd(option, new($"--{flag.Name}", [text]));
        }

        return source;
    }

    /// <summary>The environment. A variable with the prefix that is no option is a mistake, unless others set it by themselves.</summary>
    public static OptionSource OfEnvironment(IConfiguration variables)
    {
        var source = new OptionSource();
        var options = OptionTable.All.ToDictionary(o => o.Variable);
        foreach (var (name, value) in variables.AsEnumerable().OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            if (value is null || !name.StartsWith(OperatorOption.VariablePrefix, StringComparison.Ordinal)) continue;
            if (options.TryGetValue(name, out var option)) source.Values[option.Name] = new(name, [value]);
            else if (!IsOthers(name)) source.Problems.Add($"{name} is no option of the operator{Nearest.Hint(name, options.Keys)}");
        }

        return source;
    }

    /// <summary>A JSON file: its section <see cref="OperatorOption.Section"/>, of which every key is an option's name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isNamed">True: somebody means it to have options.</param>
    public static OptionSource OfFile(string path, bool isNamed)
    {
        var source = new OptionSource();
        try
        {
            using var file = File.OpenRead(path);
            var section = new ConfigurationBuilder().AddJsonStream(file).Build().GetSection(OperatorOption.Section);
            if (isNamed && !section.Exists()) source.Problems.Add($"{path} has no section {OperatorOption.Section}");
            foreach (var said in section.GetChildren()) source.Take(said, $"{path}: {said.Path}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or FormatException)
        {
            source.Problems.Add($"{path} can't be read: {e.Message}");
        }

        return source;
    }

    /// <summary>True for a name that Kubernetes gives to the address of a Service whose own name begins with <c>llmkube</c>, and for those of this project's tools.</summary>
    public static bool IsOthers(string variable) => ServiceLink().IsMatch(variable) || OthersPrefixes.Any(p => variable.StartsWith(p, StringComparison.Ordinal));

    private void Take(IConfigurationSection said, string origin)
    {
        var items = said.GetChildren().ToList();
        if (OptionTable.All.FirstOrDefault(o => o.Name.Equals(said.Key, StringComparison.OrdinalIgnoreCase)) is not { } option)
        {
            Problems.Add($"{origin} is no option of the operator{Nearest.Hint(said.Key, OptionTable.All.Select(o => o.Name))}");
        }
        else if (option.Name == OptionTable.Config)
        {
            Problems.Add($"{origin} has no effect: a file names no other; use {option.Flag} or {option.Variable}");
        }
        else if (items.Count > 0 && (!option.IsList || items.Any(i => i.Value is null)))
        {
            Problems.Add($"{origin} must be {(option.IsList ? "a text or an array of texts" : "one value")}");
        }
        else if (items.Count > 0)
        {
            Values[option.Name] = new(origin, [.. items.Select(i => i.Value!)]);
        }
        else if (said.Value is { } value)
        {
            Values[option.Name] = new(origin, [value]);
        }
    }

    // A switch without a value is on; that others have none has been told.
    private static IReadOnlyList<string>? Said(ParseResult parsed, Option flag, bool isSwitch) => parsed.GetResult(flag) switch
    {
        { Implicit: false, Tokens.Count: > 0 } given => [.. given.Tokens.Select(t => t.Value)],
        { Implicit: false } when isSwitch => ["true"],
        _ => null,
    };

    [GeneratedRegex(@"^LLMKUBE(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)\z")]
    private static partial Regex ServiceLink();
}
