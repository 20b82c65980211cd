using System.Diagnostics;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary><c>make deploy</c> and <c>make undeploy</c> without make: the script that they call, as they call it.</summary>
internal static class DeployScript
{
    // Beside the tests' own folder, of the same configuration.
    private static readonly string s_cli = Path.Combine(
        AppContext.BaseDirectory.Replace("Operator.Tests", "Operator.Cli", StringComparison.Ordinal), "LlmKube.Operator.Cli.dll");

    /// <summary>Runs it to its end.</summary>
    /// <param name="kubeconfig">The cluster.</param>
    /// <param name="overlay">What is installed.</param>
    /// <param name="image">The operator's image; null: none is named.</param>
    /// <param name="arguments">What it is to do.</param>
    public static Task<(int Code, string Output, string Errors)> RunAsync(string kubeconfig, string overlay, string? image, params string[] arguments)
    {
        var environment = new Dictionary<string, string?>
        {
            ["KUBECONFIG"] = kubeconfig,
            ["OVERLAY"] = overlay,
            ["IMG"] = image,
            ["CLI"] = $"{RealPrograms.Dotnet} {s_cli}",
            ["ENTITIES"] = typeof(Model).Assembly.Location,
        };
        var start = new ProcessStartInfo(Path.Combine(Installation.Root, "build", "deploy.sh"), arguments);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Finished.RunAsync(start);
    }

    /// <summary>Runs it, and expects it to succeed.</summary>
    public static async Task<string> SucceedAsync(string kubeconfig, string overlay, string? image, params string[] arguments)
    {
        var (code, output, errors) = await RunAsync(kubeconfig, overlay, image, arguments);
        Assert.That(code, Is.Zero, errors + output);
        return output;
    }

    /// <summary>Runs the program of <c>make install</c> with other arguments.</summary>
    public static Task<(int Code, string Output, string Errors)> CliAsync(string kubeconfig, string verb, params string[] arguments) =>
        Finished.RunAsync(new ProcessStartInfo(RealPrograms.Dotnet, [s_cli, verb, typeof(Model).Assembly.Location, "--kubeconfig", kubeconfig, .. arguments]));
}
