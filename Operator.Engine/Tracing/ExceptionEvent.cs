using System.Diagnostics;
using System.Text.RegularExpressions;

namespace LlmKube.Operator.Engine.Tracing;

/// <summary>An exception as an event of a span, by the semantic conventions. URLs lose what can be a secret: credentials, query, fragment.</summary>
internal static partial class ExceptionEvent
{
    /// <summary>Says why the span failed.</summary>
    /// <param name="activity">The span.</param>
    /// <param name="message">In words.</param>
    /// <param name="cause">The exception, if there was one.</param>
    public static void SetFailed(this Activity activity, string message, Exception? cause)
    {
        activity.SetTag("error.type", cause?.GetType().FullName ?? "_OTHER");
        activity.SetStatus(ActivityStatusCode.Error, WithoutSecrets(message));
        if (cause is null) return;
        activity.AddEvent(new ActivityEvent("exception", tags: new ActivityTagsCollection
        {
            ["exception.type"] = cause.GetType().FullName,
            ["exception.message"] = WithoutSecrets(cause.Message),
            ["exception.stacktrace"] = WithoutSecrets(cause.ToString()),
        }));
    }

    /// <summary>The text with all URLs cut to scheme, host and path.</summary>
    public static string WithoutSecrets(string text) => Url().Replace(text, "${scheme}${rest}");

    [GeneratedRegex("""(?<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?:[^\s/?#@"']*@)?(?<rest>[^\s?#"']*)(?:[?#][^\s"']*)?""", RegexOptions.NonBacktracking)]
    private static partial Regex Url();
}
