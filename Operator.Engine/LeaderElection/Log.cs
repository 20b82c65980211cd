using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.LeaderElection;

internal static partial class Log
{
    [LoggerMessage(1301, LogLevel.Information, "{Identity} leads: it holds the lease {Namespace}/{Lease}")]
    public static partial void Leading(this ILogger logger, string identity, string @namespace, string lease);

    [LoggerMessage(1302, LogLevel.Error, "{Identity} no longer holds the lease {Namespace}/{Lease}; the process stops, to be started anew")]
    public static partial void Lost(this ILogger logger, string identity, string @namespace, string lease);

    [LoggerMessage(1303, LogLevel.Information, "The lease {Namespace}/{Lease} was given back")]
    public static partial void Released(this ILogger logger, string @namespace, string lease);

    [LoggerMessage(1304, LogLevel.Warning, "The lease {Namespace}/{Lease} could not be given back; others wait until it runs out")]
    public static partial void NotReleased(this ILogger logger, string @namespace, string lease, Exception cause);

    [LoggerMessage(1305, LogLevel.Warning, "A try to acquire or renew the lease {Namespace}/{Lease} failed: {Message}")]
    public static partial void TryFailed(this ILogger logger, string @namespace, string lease, string message);
}
