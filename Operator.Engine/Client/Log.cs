using LlmKube.Operator.Engine.Api;
using Microsoft.Extensions.Logging;

namespace KubeOps.KubernetesClient;

internal static partial class Log
{
    [LoggerMessage(1101, LogLevel.Error, "{Kind} {Key} can't be decoded and is left out of a list: {Problem}")]
    public static partial void LeftOutOfList(this ILogger logger, string kind, ObjectKey key, string problem);
}
