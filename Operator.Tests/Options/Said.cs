using LlmKube.Operator.Options;
using Microsoft.Extensions.Configuration;

namespace LlmKube.Operator.Tests.Options;

/// <summary>What came of a command line in an environment.</summary>
/// <param name="Code">The exit code.</param>
/// <param name="Options">What the operator was to run with; null: it did not run.</param>
/// <param name="Error">What was said of mistakes.</param>
internal sealed record Said(int Code, OperatorOptions? Options, string Error)
{
    /// <summary>Says it.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="variables">The environment.</param>
    /// <param name="file">The text of the file in the working folder; null: there is none.</param>
    public static async Task<Said> Async(string[] arguments, (string Name, string Value)[]? variables = null, string? file = null)
    {
        var folder = Directory.CreateTempSubdirectory("options-").FullName;
        if (file is not null) await File.WriteAllTextAsync(Path.Combine(folder, OptionTable.DefaultFile), file);
        OperatorOptions? read = null;
        var environment = new ConfigurationBuilder().AddInMemoryCollection((variables ?? []).ToDictionary(v => v.Name, v => (string?)v.Value)).Build();
        var command = new OperatorCommand((options, _) => { read = options; return Task.FromResult(0); }, new OptionsReader(environment, folder));
        using var error = new StringWriter();
        var code = await command.InvokeAsync(arguments, error);
        Directory.Delete(folder, recursive: true);
        return new(code, read, error.ToString().Replace(folder, "FOLDER", StringComparison.Ordinal));
    }
}
