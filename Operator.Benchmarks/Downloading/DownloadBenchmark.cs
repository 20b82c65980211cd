using System.Diagnostics;
using System.Globalization;
using LlmKube.Operator.Benchmarks.Results;
using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Benchmarks.Downloading;

/// <summary>
/// How long the verb <c>download</c> takes for a large file, and how much memory, against what anybody would type to get the same: the bytes, on the disk, with their hash.
/// Both are whole processes that write to the same disk; they take turns, and the median of each counts.
/// </summary>
internal static class DownloadBenchmark
{
    private const long Size = 1L << 30;
    private const int Rounds = 5;
    private const double MostTimes = 1.5;
    private const double MostMebibytes = 100;

    /// <summary>Measures.</summary>
    /// <param name="page">Gets a part.</param>
    /// <param name="targets">Get what has to be so.</param>
    /// <param name="program">The operator's assembly.</param>
    /// <param name="progress">Is told of each round.</param>
    public static async Task RunAsync(ResultPage page, Targets targets, string program, Progress progress)
    {
        var folder = Directory.CreateTempSubdirectory("download-").FullName;
        try
        {
            var served = Path.Combine(folder, "served.gguf");
            await LargeFile.WriteAsync(served, Size);
            await using var server = new FileServer(served);
            var (verbs, curls) = (new List<Measured>(), new List<Measured>());
            for (var round = 0; round <= Rounds; round++)
            {
                var curl = await ByHandAsync(server.Url, folder);
                var verb = await ByVerbAsync(server.Url, folder, program);
                if (verb.Sha256 != curl.Sha256) throw new InvalidOperationException($"the verb says that the sha256 is {verb.Sha256}, and sha256sum says {curl.Sha256}");
                progress.Say(FormattableString.Invariant($"1 GiB: {verb.Took.TotalSeconds:F2} s and {verb.PeakMebibytes:F0} MiB, by hand {curl.Took.TotalSeconds:F2} s"));
                if (round == 0) continue; // The disk and the programs' files are warm from here on.
                verbs.Add(verb);
                curls.Add(curl);
            }

            Add(page, targets, verbs, curls);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Add(ResultPage page, Targets targets, List<Measured> verbs, List<Measured> curls)
    {
        var (verb, curl, peak) = (Median(verbs), Median(curls), verbs.Max(v => v.PeakMebibytes));
        page.Add("Download of 1 GiB", FormattableString.Invariant($"""
            The verb `download`, from the start of its process to its end, brings a file of 1 GiB from loopback to its place: transferred, hashed, its header read, on the disk, renamed, marked complete.
            By hand: `curl -o f && sync f && sha256sum f`. {Rounds} rounds in turn after one to warm up.

            | | median, s | least, s | most, s | MiB/s | peak memory, MiB |
            |---|---:|---:|---:|---:|---:|
            | `download` | {verb:F2} | {verbs.Min(v => v.Took).TotalSeconds:F2} | {verbs.Max(v => v.Took).TotalSeconds:F2} | {(Size >> 20) / verb:F0} | {peak:F0} |
            | by hand | {curl:F2} | {curls.Min(v => v.Took).TotalSeconds:F2} | {curls.Max(v => v.Took).TotalSeconds:F2} | {(Size >> 20) / curl:F0} | |
            """));
        targets.AtMost("download of 1 GiB against curl, sync and sha256sum", MostTimes, verb / curl, "times", 2);
        targets.AtMost("peak memory of a download of 1 GiB", MostMebibytes, peak, "MiB");
    }

    private static double Median(List<Measured> all) => all.Select(m => m.Took.TotalSeconds).Order().ElementAt(all.Count / 2);

    private static async Task<Measured> ByHandAsync(Uri url, string folder)
    {
        var target = Path.Combine(folder, "by-hand");
        var measured = await RunAsync("/bin/sh", ["-c", "curl -sS -o \"$1\" \"$0\" && sync \"$1\" && sha256sum \"$1\"", url.AbsoluteUri, target]);
        File.Delete(target);
        return measured with { Sha256 = measured.LastLine.Split(' ')[0] };
    }

    private static async Task<Measured> ByVerbAsync(Uri url, string folder, string program)
    {
        var cache = Path.Combine(folder, "cache");
        string[] arguments = [program, "download", "--source", url.AbsoluteUri, "--target", Path.Combine(cache, "model.gguf"), "--allow-address", url.Host];
        var measured = await RunAsync(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments);
        Directory.Delete(cache, recursive: true);
        return measured with { Sha256 = TerminationMessage.TryParse(measured.LastLine)?.Sha256 };
    }

    private static async Task<Measured> RunAsync(string file, string[] arguments)
    {
        var start = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            Environment = { ["NO_PROXY"] = "127.0.0.1", ["no_proxy"] = "127.0.0.1" }, // A proxy that this machine may have is not what is measured.
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var ended = process.WaitForExitAsync();
        double peak = 0;
        while (!ended.IsCompleted)
        {
            peak = Math.Max(peak, PeakOf(process.Id));
            await Task.WhenAny(ended, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System));
        }

        var took = Stopwatch.GetElapsedTime(start);
        var said = await output;
        if (process.ExitCode != 0) throw new InvalidOperationException($"{file} {string.Join(' ', arguments)} ended with {process.ExitCode}: {said}");
        return new(took, peak, said.TrimEnd().Split('\n')[^1], null);
    }

    // The most that was ever resident, by the kernel's count; 0 once the process has ended.
    private static double PeakOf(int process)
    {
        const string Name = "VmHWM:";
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal));
            return line is null ? 0 : double.Parse(line[Name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private sealed record Measured(TimeSpan Took, double PeakMebibytes, string LastLine, string? Sha256);
}
