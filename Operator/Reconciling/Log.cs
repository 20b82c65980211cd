namespace LlmKube.Operator.Reconciling;

internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Information, "{Action} of {Target} done")]
    public static partial void Acted(this ILogger logger, string action, ObjectRef target);

    [LoggerMessage(2002, LogLevel.Debug, "Applying {Target}: {Field} differs")]
    public static partial void Applying(this ILogger logger, ObjectRef target, string field);

    [LoggerMessage(2003, LogLevel.Information, "Deleting {Target}: {Because}")]
    public static partial void Deleting(this ILogger logger, ObjectRef target, string because);
}
