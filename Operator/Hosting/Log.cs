namespace LlmKube.Operator.Hosting;

internal static partial class Log
{
    [LoggerMessage(2101, LogLevel.Information, "The certificate {File} has changed and is used from now on; it expires at {Expiry:u}")]
    public static partial void CertificateReloaded(this ILogger logger, string file, DateTime expiry);

    [LoggerMessage(2102, LogLevel.Warning, "The certificate {File} has changed and can't be used, so the last one still is: {Why}")]
    public static partial void CertificateRefused(this ILogger logger, string file, string why);

    [LoggerMessage(2103, LogLevel.Warning, "Who asks for metrics could not be reviewed: {Why}")]
    public static partial void ReviewFailed(this ILogger logger, string why);

    [LoggerMessage(2104, LogLevel.Error, "Something that nobody waited for has failed")]
    public static partial void Unobserved(this ILogger logger, Exception exception);

    [LoggerMessage(2105, LogLevel.Warning, "The variable {Variable} has a user or password in it and is not passed on to what fetches models; name a proxy without")]
    public static partial void ProxyWithheld(this ILogger logger, string variable);

    [LoggerMessage(2106, LogLevel.Warning, "Given and passed over: {Flag}")]
    public static partial void FlagUnused(this ILogger logger, string flag);
}
