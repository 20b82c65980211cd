using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace LlmKube.Operator.Logging;

/// <summary>One line of text, for people: as .NET's simple console writes it, with the object and the trace at its end.</summary>
internal sealed class TextLogFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    /// <summary>Its name among console formatters.</summary>
    public const string FormatterName = "llmkube-text";

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        textWriter.Write(time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff ", CultureInfo.InvariantCulture));
        textWriter.Write($"{LevelOf(logEntry.LogLevel)}: {logEntry.Category}[{logEntry.EventId.Id.ToString(CultureInfo.InvariantCulture)}] ");
        textWriter.Write(OneLine(logEntry.Formatter(logEntry.State, logEntry.Exception)));
        textWriter.Write(Suffix(LogContext.Of(scopeProvider)));
        if (logEntry.Exception is { } exception) textWriter.Write($" {OneLine(exception.ToString())}");
        textWriter.WriteLine();
    }

    private static string Suffix(LogContext context) => context switch
    {
        { ReconcileId: { } id, TraceId: { } trace } => $" [{context.Kind} {context.Namespace}/{context.Name}, reconcile {id}, trace {trace}]",
        { ReconcileId: { } id } => $" [{context.Kind} {context.Namespace}/{context.Name}, reconcile {id}]",
        { Kind: { } kind } => $" [{kind} {context.Namespace}/{context.Name}]",
        _ => "",
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private static string LevelOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        LogLevel.Critical => "crit",
        _ => throw new UnreachableException(),
    };
}
