using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace LlmKube.Operator.Benchmarks.Scale;

/// <summary>The built operator as a process of its own, so that its CPU time and memory are its alone.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly Uri _metrics;
    private readonly Uri _readiness;
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly long _started;

    private OperatorProcess(Process process, int metricsPort, int probePort, long started)
    {
        (_process, _started) = (process, started);
        _metrics = new($"http://127.0.0.1:{metricsPort}/metrics");
        _readiness = new($"http://127.0.0.1:{probePort}/readyz");
        AppDomain.CurrentDomain.ProcessExit += KillIfAlive;
    }

    /// <summary>CPU time that it has used.</summary>
    public TimeSpan Cpu => Refreshed().TotalProcessorTime;

    /// <summary>The most memory that it has ever had resident, in bytes.</summary>
    public long PeakMemory => Refreshed().PeakWorkingSet64;

    /// <summary>The memory that it has resident, in bytes.</summary>
    public long Memory => Refreshed().WorkingSet64;

    /// <summary>Since its start.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(_started);

    /// <summary>Starts it as a cluster would, with an election, and its log in a file.</summary>
    public static OperatorProcess Start(ScaleCluster cluster)
    {
        var (metrics, probes) = (FreePort(), FreePort());
        string[] command =
        [
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", cluster.OperatorProgram,
            "--kubeconfig", cluster.Kubeconfig, "--leader-elect", "--operator-image=llmkube-operator:benchmark",
            "--metrics-secure=false", $"--metrics-bind-address=127.0.0.1:{metrics}", $"--health-probe-bind-address=127.0.0.1:{probes}",
            "--max-concurrent-fetches=0", // The bound is there to spare sources; what is measured here is the operator.
            .. cluster.OperatorFlags,
        ];

        // The shell makes room for the program, so that the process is the program's.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >>\"$LOG\" 2>&1", "sh", .. command])
        {
            Environment = { ["LOG"] = cluster.OperatorLog, ["POD_NAMESPACE"] = cluster.Namespace },
            UseShellExecute = false,
        };
        var now = Stopwatch.GetTimestamp();
        return new(Process.Start(start)!, metrics, probes, now);
    }

    /// <summary>Waits until it says that it is ready.</summary>
    /// <returns>How long after its start that was.</returns>
    public async Task<TimeSpan> ReadyAsync()
    {
        var at = await Until.TrueAsync(IsReadyAsync, "the operator is ready", Patience);
        return Stopwatch.GetElapsedTime(_started, at);
    }

    /// <summary>Waits until every key that was in a queue has been worked on.</summary>
    /// <returns>How long after its start that was.</returns>
    public async Task<TimeSpan> DrainedAsync()
    {
        var at = await Until.TrueAsync(async () => (await ScrapeAsync()).IsDrained, "all queues are empty", Patience, TimeSpan.FromMilliseconds(100));
        return Stopwatch.GetElapsedTime(_started, at);
    }

    /// <summary>Its own figures.</summary>
    public async Task<OperatorScrape> ScrapeAsync()
    {
        await using var text = await _http.GetStreamAsync(_metrics);
        return await OperatorScrape.ReadAsync(text);
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and the end.</summary>
    public async Task StopAsync()
    {
        if (!_process.HasExited)
        {
            using var term = Process.Start("/bin/kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await term.WaitForExitAsync();
        }

        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        await _process.WaitForExitAsync(patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillIfAlive;
        await StopAsync();
        _http.Dispose();
        _process.Dispose();
    }

    // A run that is interrupted leaves no operator behind.
    private void KillIfAlive(object? sender, EventArgs e)
    {
        if (!_process.HasExited) _process.Kill();
    }

    private Process Refreshed()
    {
        _process.Refresh();
        return _process;
    }

    private async Task<bool> IsReadyAsync()
    {
        if (_process.HasExited) throw new InvalidOperationException($"The operator has ended with code {_process.ExitCode}.");
        try
        {
            using var answer = await _http.GetAsync(_readiness);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // It does not listen yet.
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
