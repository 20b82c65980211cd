using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using k8s.Autorest;
using k8s.Models;

namespace LlmKube.Operator.Engine.Tracing;

/// <summary>
/// An exception as an event of a span, by the semantic conventions, without what can be a secret: of an answer of the API server its kind and
/// not its words, which quote what they refuse; of URLs scheme and host; of the stack the frames.
/// </summary>
internal static partial class ExceptionEvent
{
    /// <summary>Says why the span failed.</summary>
    /// <param name="activity">The span.</param>
    /// <param name="message">In words.</param>
    /// <param name="cause">The exception, if there was one.</param>
    public static void SetFailed(this Activity activity, string message, Exception? cause)
    {
        var answer = Causes(cause).OfType<HttpOperationException>().FirstOrDefault();
        activity.SetTag("error.type", cause?.GetType().FullName ?? "_OTHER");
        activity.SetStatus(ActivityStatusCode.Error, answer is null ? WithoutSecrets(message) : KindOf(answer));
        if (cause is null) return;
        activity.AddEvent(new ActivityEvent("exception", tags: new ActivityTagsCollection
        {
            ["exception.type"] = cause.GetType().FullName,
            ["exception.message"] = answer is null ? WithoutSecrets(cause.Message) : KindOf(answer),
            ["exception.stacktrace"] = FramesOf(cause),
        }));
    }

    /// <summary>The text with all URLs cut to scheme, host and port.</summary>
    public static string WithoutSecrets(string text) => Url().Replace(text, "${scheme}${host}");

    // An answer may also be why something else was thrown, in words that repeat it.
    private static IEnumerable<Exception> Causes(Exception? outermost)
    {
        for (var cause = outermost; cause is not null; cause = cause.InnerException) yield return cause;
    }

    private static string KindOf(HttpOperationException answer)
    {
        if (answer.Response is not { StatusCode: var code }) return "the API server's answer was not understood";
        var reason = (answer.Body as V1Status)?.Reason is { } word && Word().IsMatch(word) ? word : code.ToString();
        return string.Create(CultureInfo.InvariantCulture, $"the API server answered {(int)code} {reason}");
    }

    private static string FramesOf(Exception outermost)
    {
        var frames = new StringBuilder(outermost.StackTrace);
        foreach (var inner in Causes(outermost.InnerException)) frames.AppendLine().Append("caused by ").AppendLine(inner.GetType().FullName).Append(inner.StackTrace);
        return frames.ToString();
    }

    // Passwords are written with an @ in them as well: credentials go up to the last one that can be theirs.
    [GeneratedRegex("""(?<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?:[^\s/?#]*@)?(?<host>(?:\[[0-9A-Fa-f:.]*\]|[^\s/?#"'@:\[\]]*)(?::[0-9]+)?)\S*""", RegexOptions.NonBacktracking)]
    private static partial Regex Url();

    [GeneratedRegex("^[A-Za-z]{1,40}$", RegexOptions.NonBacktracking)]
    private static partial Regex Word();
}
