using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Hosting;

internal static partial class Log
{
    [LoggerMessage(1501, LogLevel.Information, "{Operator} stops: no more work is taken, and what runs has {Grace} to end")]
    public static partial void Stopping(this ILogger logger, string @operator, TimeSpan grace);

    [LoggerMessage(1502, LogLevel.Information, "The CustomResourceDefinition {Name} was {What}")]
    public static partial void CrdInstalled(this ILogger logger, string name, string what);
}
