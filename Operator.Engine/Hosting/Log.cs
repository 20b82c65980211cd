using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Hosting;

internal static partial class Log
{
    [LoggerMessage(1501, LogLevel.Information, "{Operator} stops: no more work is taken, and what runs has {Grace} to end")]
    public static partial void Stopping(this ILogger logger, string @operator, TimeSpan grace);

    [LoggerMessage(1502, LogLevel.Information, "The CustomResourceDefinition {Name} was {What}")]
    public static partial void CrdInstalled(this ILogger logger, string name, string what);

    [LoggerMessage(1503, LogLevel.Warning, "Waiting to install the CustomResourceDefinition {Name}: {Message}")]
    public static partial void CrdWaits(this ILogger logger, string name, string message);

    [LoggerMessage(1504, LogLevel.Warning, "The setting {Setting} has no effect in this engine: {Instead}")]
    public static partial void NoEffect(this ILogger logger, string setting, string instead);
}
