using System.Globalization;
using LlmKube.Operator.Reconciling;
using Spectre.Console;

namespace LlmKube.Operator.Plugin;

/// <summary>Prints who waits for GPUs and who holds them. The one place that needs Spectre.Console, which is so never loaded where the operator runs.</summary>
internal static class GpuUseTable
{
    // As in kubectl's tables no line is broken, however narrow the terminal: half a name can't be searched or copied.
    private const int Unbroken = 1000;

    /// <summary>Prints it: at a terminal with colours, unless <c>NO_COLOR</c> is set.</summary>
    /// <param name="uses">The rows.</param>
    /// <param name="now">The present.</param>
    /// <param name="output">Where to.</param>
    /// <param name="isTerminal">True: it is a terminal.</param>
    public static void Write(IReadOnlyList<GpuUse> uses, DateTimeOffset now, TextWriter output, bool isTerminal)
    {
        if (uses is [])
        {
            output.WriteLine("No service waits for GPUs, and none holds any.");
            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal && Environment.GetEnvironmentVariable("NO_COLOR") is null or "" ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = Unbroken;
        var table = new Table { Border = TableBorder.None, ShowRowSeparators = false };
        foreach (var column in new[] { "PLACE", "NAMESPACE", "SERVICE", "MODEL", "GPUS", "PRIORITY", "SINCE" }) table.AddColumn(new TableColumn(new Text(column)) { Padding = new Padding(0, 0, 3, 0) });
        foreach (var use in uses)
        {
            var style = use.Place is null ? Style.Plain : new Style(Color.Yellow);
            string[] cells =
            [
                use.Place?.ToString(CultureInfo.InvariantCulture) ?? "holds", use.Namespace, use.Service, use.Model, use.Gpus,
                use.Priority?.ToString(CultureInfo.InvariantCulture) ?? "", use.Since is { } since ? Ages.Text(now - since.Moment()) : "",
            ];
            table.AddRow(cells.Select(c => new Text(c, style)));
        }

        console.Write(table);
    }
}
