using System.Diagnostics;
using System.Text;
using LlmKube.Operator.LocalCluster.Demo;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>The real kubectl: the one that <c>make tools</c> got, else the one on PATH.</summary>
/// <param name="kubeconfig">Whom it speaks to.</param>
/// <param name="namespace">Its flag; null: that of the kubeconfig.</param>
internal sealed class Kubectl(string kubeconfig, string? @namespace = null)
{
    private static readonly string Program = Tools.Find("kubectl");

    /// <summary>Runs kubectl to its end and gives what it printed; a failure fails the test with its words.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var (code, output, errors) = await TryAsync(arguments, new Dictionary<string, string>());
        Assert.That(code, Is.Zero, () => $"kubectl {string.Join(' ', arguments)}: {errors}{output}");
        return output;
    }

    /// <summary>
    /// The lines of <c>kubectl apply</c> that tell of a change. Of a disruption budget it sends the selector each time, whose patch strategy is to replace, and calls it configured.
    /// </summary>
    public static IEnumerable<string> ChangesIn(string applied) => applied.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Where(l => !l.Contains(" unchanged", StringComparison.Ordinal) && !l.StartsWith("poddisruptionbudget.policy/", StringComparison.Ordinal));

    /// <summary>Runs <c>kubectl edit</c> with sed in the place of the user.</summary>
    public async Task EditAsync(string what, string sedScript)
    {
        var (code, output, errors) = await TryAsync(["edit", .. what.Split(' ')], new Dictionary<string, string> { ["KUBE_EDITOR"] = $"sed -i -e '{sedScript}'" });
        Assert.That(code, Is.Zero, () => errors + output);
        Assert.That(output, Does.Contain("edited"));
    }

    /// <summary>Runs kubectl and expects it to refuse; gives its words.</summary>
    public async Task<string> FailAsync(params string[] arguments)
    {
        var (code, output, errors) = await TryAsync(arguments, new Dictionary<string, string>());
        Assert.That(code, Is.Not.Zero, () => output);
        return errors;
    }

    /// <summary>Starts kubectl (for <c>get -w</c>); the lines it has printed are there when it is stopped.</summary>
    public Running Start(params string[] arguments) => new(Process.Start(Describe(arguments))!);

    private Task<(int Code, string Output, string Errors)> TryAsync(string[] arguments, Dictionary<string, string> environment)
    {
        var start = Describe(arguments);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Finished.RunAsync(start);
    }

    private ProcessStartInfo Describe(string[] arguments) => new(Program, ["--kubeconfig", kubeconfig, .. @namespace is null ? Array.Empty<string>() : ["--namespace", @namespace], .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    /// <summary>A kubectl that goes on until it is stopped.</summary>
    internal sealed class Running : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly StringBuilder _output = new();
        private readonly Task _reading;

        public Running(Process process)
        {
            _process = process;
            _reading = ReadAsync();
        }

        /// <summary>What it has printed so far.</summary>
        public string Output
        {
            get
            {
                lock (_output) return _output.ToString();
            }
        }

        public async ValueTask DisposeAsync()
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            await _reading;
            _process.Dispose();
        }

        private async Task ReadAsync()
        {
            while (await _process.StandardOutput.ReadLineAsync() is { } line)
            {
                lock (_output) _output.AppendLine(line);
            }
        }
    }
}
