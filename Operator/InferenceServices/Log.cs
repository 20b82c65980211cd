namespace LlmKube.Operator.InferenceServices;

internal static partial class Log
{
    [LoggerMessage(4001, LogLevel.Debug, "The memory of the nodes' GPUs can't be read at present: {Message}")]
    public static partial void NoNodes(this ILogger logger, string message);

    [LoggerMessage(4002, LogLevel.Debug, "What the server of pod {Namespace}/{Pod} said when it had loaded its model can't be read at present: {Message}")]
    public static partial void NoLoad(this ILogger logger, string @namespace, string pod, string message);
}
