using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Models;

internal static partial class Log
{
    [LoggerMessage(3001, LogLevel.Warning, "The server refused to delete {Job}, which its owner references will: {Message}")]
    public static partial void StopRefused(this ILogger logger, ObjectRef job, string message);
}
