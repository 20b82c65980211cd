using LlmKube.Operator.Engine.Api;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Informers;

internal static partial class Log
{
    [LoggerMessage(1001, LogLevel.Debug, "Listed {Count} objects of kind {Kind} at version {Version}")]
    public static partial void Listed(this ILogger logger, string kind, int count, string? version);

    [LoggerMessage(1002, LogLevel.Debug, "The watch of {Kind} was closed; going on from version {Version}")]
    public static partial void WatchClosed(this ILogger logger, string kind, string? version);

    [LoggerMessage(1003, LogLevel.Information, "The API server no longer knows the version that {Kind} was watched from; listing again")]
    public static partial void WatchExpired(this ILogger logger, string kind);

    [LoggerMessage(1004, LogLevel.Warning, "The watch of {Kind} was silent for {Limit}; opening another one")]
    public static partial void WatchSilent(this ILogger logger, string kind, TimeSpan limit);

    [LoggerMessage(1005, LogLevel.Warning, "Listing or watching {Kind} failed ({Failures} in a row); trying again")]
    public static partial void AttemptFailed(this ILogger logger, string kind, int failures, Exception cause);

    [LoggerMessage(1006, LogLevel.Debug, "Listing or watching {Kind} still fails ({Failures} in a row): {Message}")]
    public static partial void StillFailing(this ILogger logger, string kind, int failures, string message);

    [LoggerMessage(1007, LogLevel.Warning, "The API server does not serve {ApiVersion} {Kind}; is its CustomResourceDefinition installed? Waiting for it")]
    public static partial void NotServed(this ILogger logger, string apiVersion, string kind);

    [LoggerMessage(1008, LogLevel.Error, "{Kind} {Key} can't be decoded and is left alone until it changes: {Problem}")]
    public static partial void Undecodable(this ILogger logger, string kind, ObjectKey key, string problem);

    [LoggerMessage(1009, LogLevel.Information, "{Kind} {Key} can be decoded again")]
    public static partial void DecodableAgain(this ILogger logger, string kind, ObjectKey key);
}
