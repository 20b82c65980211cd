using LlmKube.Operator.Engine.Api;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Workers;

internal static partial class Log
{
    [LoggerMessage(1201, LogLevel.Warning, "{Controller} could not settle {Key}: {Message} Next try in {Delay}")]
    public static partial void Failed(
        this ILogger logger, string controller, ObjectKey key, string message, TimeSpan delay, Exception? cause);

    [LoggerMessage(1202, LogLevel.Debug, "{Controller} lost a race for {Key} and looks again: {Message}")]
    public static partial void Conflicted(this ILogger logger, string controller, ObjectKey key, string message);

    [LoggerMessage(1203, LogLevel.Debug, "{Controller} looks at {Key} again in {Delay}: {Why}")]
    public static partial void NotYet(this ILogger logger, string controller, ObjectKey key, TimeSpan delay, string why);

    [LoggerMessage(1205, LogLevel.Warning, "{Controller} leaves {Key} alone until something changes: {Message}")]
    public static partial void Parked(this ILogger logger, string controller, ObjectKey key, string message);

    [LoggerMessage(1204, LogLevel.Information, "{Controller} was stopped while at work on {Key}")]
    public static partial void Aborted(this ILogger logger, string controller, ObjectKey key);
}
