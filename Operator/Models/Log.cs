using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Models;

internal static partial class Log
{
    [LoggerMessage(3001, LogLevel.Warning, "The server refused to delete {Job}, which its owner references will: {Message}")]
    public static partial void StopRefused(this ILogger logger, ObjectRef job, string message);

    [LoggerMessage(3002, LogLevel.Warning, "There is no pod {Namespace}/{Name}, as POD_NAMESPACE and POD_NAME say; fetch Jobs run {Image} (see --operator-image)")]
    public static partial void NoOwnPod(this ILogger logger, string name, string @namespace, string image);

    [LoggerMessage(3003, LogLevel.Debug, "The progress of the fetch in pod {Namespace}/{Pod} can't be read at present: {Message}")]
    public static partial void NoProgress(this ILogger logger, string @namespace, string pod, string message);
}
