namespace LlmKube.Operator.Tracing;

internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Warning, "Spans could not be sent to {Endpoint} ({Batches} batches since this was last said): {Why}")]
    public static partial void ExportFailed(this ILogger logger, Uri endpoint, int batches, string why);
}
