namespace LlmKube.Operator.InferenceServices;

internal static partial class Log
{
    [LoggerMessage(4001, LogLevel.Debug, "The memory of the nodes' GPUs can't be read at present: {Message}")]
    public static partial void NoNodes(this ILogger logger, string message);
}
