using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LlmKube.Operator.InferenceServices;

/// <summary>
/// Reads in the log of llama.cpp's server where the layers of its model went. Recordings of real ones are beside the tests. The words are not the server's alone: a model's header and its
/// chat template are logged, too, so that a line counts only if it begins as the server's own do, and the first that does.
/// </summary>
internal static partial class ServerLog
{
    /// <summary>
    /// The variable that sets how much is logged, and the level from which the layers are: since build 9181 they are not by default. Builds before 9310 know the variable by another
    /// name, which is well: they log the layers unasked, and requests' contents at this level, as newer ones do at the next.
    /// </summary>
    public static (string Name, string Value) Verbosity => ("LLAMA_ARG_LOG_VERBOSITY", "4");

    /// <summary>How much of a log is read, from its begin. A load takes some 20 KiB.</summary>
    public const int Bytes = 256 * 1024;

    private const int LongestLine = 2048;
    private const int LongestDevices = 512;

    /// <summary>What the begin of a log says.</summary>
    /// <param name="text">The log from where it begins; the last line may be cut.</param>
    public static LoadReport Read(string text)
    {
        var (isLoadSeen, layers) = (false, default((int Offloaded, int Total)?));
        List<string> devices = [];
        List<string> buffers = [];
        foreach (var line in Lines(text))
        {
            if (layers is null && NoGpu().IsMatch(line)) return new LoadReport.Offload(null, 0, null);
            if (layers is not null)
            {
                if (Buffer().Match(line) is not { Success: true } buffer) break;
                buffers.Add(buffer.Groups["name"].Value);
            }
            else if (Offloaded().Match(line) is { Success: true } offloaded)
            {
                layers = (Number(offloaded.Groups["some"]), Number(offloaded.Groups["all"]));
            }
            else if (Using().Match(line) is { Success: true } device)
            {
                devices.Add(device.Groups["name"].Value);
            }
            else
            {
                isLoadSeen = isLoadSeen || Load().IsMatch(line);
            }
        }

        if (layers is not { } found) return isLoadSeen ? new LoadReport.Unsaid() : new LoadReport.Rotated();

        // A server that is told to use no device counts layers as offloaded all the same, and keeps them in main memory.
        var isOnHost = devices.Count == 0 && buffers.Count > 0 && buffers.TrueForAll(b => HostBuffer().IsMatch(b));
        return isOnHost ? new LoadReport.Offload(null, 0, found.Total) : new LoadReport.Offload(Named(devices), Math.Min(found.Offloaded, found.Total), found.Total);
    }

    private static string? Named(List<string> devices)
    {
        if (devices.Count == 0) return null;
        var all = string.Join(", ", devices.Distinct(StringComparer.Ordinal));
        return all.Length > LongestDevices ? all[..LongestDevices] : all;
    }

    private static IEnumerable<string> Lines(string text)
    {
        using var lines = new StringReader(text);
        while (lines.ReadLine() is { } line)
        {
            if (line.Length <= LongestLine) yield return line.StartsWith("{\"type\":\"log\"", StringComparison.Ordinal) ? MessageOf(line) : line;
        }
    }

    // As --log-jsonl writes it.
    private static string MessageOf(string line)
    {
        try
        {
            using var parsed = JsonDocument.Parse(line);
            return parsed.RootElement.TryGetProperty("msg", out var message) && message.ValueKind == JsonValueKind.String ? message.GetString()!.TrimEnd('\n') : "";
        }
        catch (JsonException)
        {
            return "";
        }
    }

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    // "0.00.058.449 I load_tensors: ..." with the time and level that newer builds put before it.
    private const string Begin = @"^(?:[0-9.]{1,20} [A-Z] )?";

    [GeneratedRegex(Begin + @"(?:llm_)?load_tensors: offloaded (?<some>[0-9]{1,6})/(?<all>[0-9]{1,6}) layers to GPU$", RegexOptions.ExplicitCapture)]
    private static partial Regex Offloaded();

    [GeneratedRegex(Begin + @"llama_\w{1,60}: using device (?<name>.{1,200}?)( \((unknown id|[0-9a-fA-F:.]+)\))? - [0-9]+ MiB free$", RegexOptions.ExplicitCapture)]
    private static partial Regex Using();

    [GeneratedRegex(Begin + @"(?:llm_)?load_tensors: +(?<name>\S{1,100}) (model )?buffer size =", RegexOptions.ExplicitCapture)]
    private static partial Regex Buffer();

    [GeneratedRegex("^(CPU|AMX|BLAS)|_Host$", RegexOptions.ExplicitCapture)]
    private static partial Regex HostBuffer();

    [GeneratedRegex("^warning: (no usable GPU found|not compiled with GPU offload support), --(n-)?gpu-layers option will be ignored", RegexOptions.ExplicitCapture)]
    private static partial Regex NoGpu();

    [GeneratedRegex(Begin + "(srv +load_model: loading model|main: loading model|llama_model_loader: loaded meta data)", RegexOptions.ExplicitCapture)]
    private static partial Regex Load();
}
