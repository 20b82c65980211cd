using System.CommandLine;
using LlmKube.Operator.Plugin;

namespace LlmKube.Operator.Tests.Plugin;

/// <summary>What kubectl-llmkube answers.</summary>
/// <param name="Code">The exit code.</param>
/// <param name="Output">The answer.</param>
/// <param name="Error">Why there is none.</param>
internal sealed record Answer(int Code, string Output, string Error)
{
    /// <summary>Asks it.</summary>
    public static Task<Answer> ToAsync(params string[] arguments) => ToAsync(TimeProvider.System, arguments);

    /// <summary>Asks it where a clock shows another time.</summary>
    public static async Task<Answer> ToAsync(TimeProvider time, params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var parsed = new PluginCommand(time).Create().Parse(arguments);
        Assert.That(parsed.Errors, Is.Empty);
        var code = await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return new(code, output.ToString(), error.ToString());
    }
}
