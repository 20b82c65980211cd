using LlmKube.Operator.Tracing;

namespace LlmKube.Operator.Options;

/// <summary>Makes the options of what the sources say: a flag goes before a variable, that before a file, and all before the default.</summary>
/// <param name="variables">The environment.</param>
/// <param name="folder">Where <see cref="OptionTable.DefaultFile"/> is looked for.</param>
internal sealed class OptionsReader(IConfiguration variables, string folder)
{
    /// <summary>Of this process.</summary>
    public static OptionsReader OfProcess() => new(new ConfigurationBuilder().AddEnvironmentVariables().Build(), Environment.CurrentDirectory);

    /// <summary>Reads and checks all.</summary>
    /// <returns>The options, and everything that is wrong: where that is nothing they hold.</returns>
    public (OperatorOptions Options, IReadOnlyList<string> Problems) Read(OptionSource commandLine)
    {
        OptionSource[] sources = [commandLine, OptionSource.OfEnvironment(variables)];
        var named = Find(sources, OptionTable.Config)?.Values is [{ Length: > 0 } path] ? path : null;
        var file = Path.GetFullPath(named ?? OptionTable.DefaultFile, folder);
        if (File.Exists(file)) sources = [.. sources, OptionSource.OfFile(file, isNamed: named is not null)];

        List<string> problems = [.. sources.SelectMany(s => s.Problems)];
        var options = new OperatorOptions();
        if (commandLine.Unused.Count > 0) options = options with { Unused = commandLine.Unused };
        List<(OperatorOption Option, GivenValue Given)> given = [.. OptionTable.All.Select(o => (o, Find(sources, o.Name)!)).Where(g => g.Item2 is not null)];
        foreach (var (option, value) in given) options = Put(options, option, value, problems);

        // One that would do nothing is told, too.
        foreach (var (option, value) in given)
        {
            var lacking = value.Values.Any(v => v.Length > 0 && !option.IsDefault(v)) ? option.Needs.FirstOrDefault(n => !n.IsMet(options)) : null;
            var told = $"{value.Origin} has no effect without {lacking?.Flag}";
            if (lacking is { IsMistake: true }) problems.Add(told);
            else if (lacking is not null) options = options with { Unused = [.. options.Unused, told] };
        }

        if (options.MetricsBindAddress.Overlaps(options.HealthProbeBindAddress))
        {
            problems.Add($"--metrics-bind-address={options.MetricsBindAddress} and --health-probe-bind-address={options.HealthProbeBindAddress} are one place: name another port for one of them");
        }

        try
        {
            TracingSettings.Read(variables);
        }
        catch (TracingSettingException e)
        {
            problems.Add(e.Message);
        }

        return (options, problems);
    }

    private static GivenValue? Find(OptionSource[] sources, string name) => sources.Select(s => s.Values.GetValueOrDefault(name)).FirstOrDefault(v => v is not null);

    // An empty value is the default.
    private static OperatorOptions Put(OperatorOptions options, OperatorOption option, GivenValue given, List<string> problems)
    {
        var items = option.IsList ? given.Values.SelectMany(v => v.Split(',', StringSplitOptions.TrimEntries)) : given.Values;
        foreach (var item in items.Where(i => i.Length > 0))
        {
            if (option.Put(options, item) is { } with) options = with;
            else problems.Add($"{given.Origin}: '{Shown(item)}' {option.Rule}");
        }

        return options;
    }

    // What is before the @ of a URL is a user's.
    private static string Shown(string value) =>
        value.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme && value.LastIndexOf('@') is var at && at > scheme ? $"{value[..(scheme + 3)]}...{value[at..]}" : value;
}
