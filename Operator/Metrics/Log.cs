namespace LlmKube.Operator.Metrics;

internal static partial class Log
{
    [LoggerMessage(4001, LogLevel.Warning, "This scrape is without the gauges of Models and InferenceServices: {Message}")]
    public static partial void StatesLeftOut(this ILogger logger, string message);
}
