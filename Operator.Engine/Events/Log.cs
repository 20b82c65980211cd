using LlmKube.Operator.Engine.Api;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Events;

internal static partial class Log
{
    [LoggerMessage(1401, LogLevel.Warning, "The Event {Reason} about {Kind} {Key} could not be published")]
    public static partial void PublishFailed(this ILogger logger, string reason, string kind, ObjectKey key, Exception cause);
}
