using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Access;

internal static partial class Log
{
    [LoggerMessage(1601, LogLevel.Warning, "The token's file {File} can't be read, so the last token is still shown: {Why}")]
    public static partial void TokenUnreadable(this ILogger logger, string file, string why);

    [LoggerMessage(1602, LogLevel.Information, "The certificate authorities in {File} have changed; the {Count} that are there now are trusted from now on")]
    public static partial void AuthoritiesReloaded(this ILogger logger, string file, int count);

    [LoggerMessage(1603, LogLevel.Warning, "The certificate authorities in {File} have changed and can't be used, so the last ones still are: {Why}")]
    public static partial void AuthoritiesRefused(this ILogger logger, string file, string why);
}
