using LlmKube.Operator.Options;
using Microsoft.Extensions.Logging.Console;

namespace LlmKube.Operator.Logging;

/// <summary>What is logged, and how it looks.</summary>
internal static class OperatorLogs
{
    /// <summary>Logs to the console as the options say, and nowhere else.</summary>
    public static void AddOperatorLogs(this ILoggingBuilder logging, OperatorOptions options)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(options.LogLevel);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System.Net.Http", LogLevel.Warning);

        // The answer to a probe says what is not healthy; a standby is no failure.
        logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        logging.AddConsoleFormatter<JsonLogFormatter, ConsoleFormatterOptions>();
        logging.AddConsoleFormatter<TextLogFormatter, ConsoleFormatterOptions>();
        logging.AddConsole(console => console.FormatterName = options.LogFormat == LogFormat.Json ? JsonLogFormatter.FormatterName : TextLogFormatter.FormatterName);
    }
}
