using System.Diagnostics;
using System.Text.Json;
using LlmKube.Operator.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Tests.Logging;

/// <summary>How a line of the log looks.</summary>
public sealed class LogFormatterTests
{
    private static readonly FakeTimeProvider s_time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero));

    private readonly LoggerExternalScopeProvider _scopes = new();

    [Test]
    public void Without_a_reconcile_a_line_says_what_when_where_and_how_bad()
    {
        Assert.That(Format(new JsonLogFormatter(s_time), "Started"), Is.EqualTo(
            """{"time":"2026-01-02T03:04:05.678Z","level":"warning","logger":"Some.Where","message":"Started"}""" + Environment.NewLine));
        Assert.That(Format(new TextLogFormatter(s_time), "Started"), Is.EqualTo($"2026-01-02 03:04:05.678 warn: Some.Where[7] Started{Environment.NewLine}"));
    }

    [Test]
    public void Within_a_reconcile_a_line_says_whose_and_in_which_trace()
    {
        using var span = new Activity("reconcile").SetIdFormat(ActivityIdFormat.W3C).Start();
        using var outer = _scopes.Push("a scope of someone else");
        using var scope = _scopes.Push(new Dictionary<string, object>
        {
            ["Kind"] = "Model",
            ["Namespace"] = "team",
            ["Name"] = "tiny",
            ["Uid"] = "u",
            ["Generation"] = 3L,
            ["ReconcileId"] = "r-1",
        });

        var json = JsonDocument.Parse(Format(new JsonLogFormatter(s_time), "Done")).RootElement;

        Assert.That(json.EnumerateObject().Select(p => p.Name), Is.EqualTo(
            new[] { "time", "level", "logger", "message", "trace_id", "span_id", "kind", "namespace", "name", "generation", "reconcile_id" }));
        Assert.That((json.GetProperty("trace_id").GetString(), json.GetProperty("span_id").GetString()), Is.EqualTo((span.TraceId.ToHexString(), span.SpanId.ToHexString())));
        Assert.That(json.GetProperty("generation").GetInt64(), Is.EqualTo(3));
        Assert.That(Format(new TextLogFormatter(s_time), "Done"), Does.EndWith($"Done [Model team/tiny, reconcile r-1, trace {span.TraceId.ToHexString()}]{Environment.NewLine}"));
    }

    [Test]
    public void Whatever_is_logged_a_line_is_one_line()
    {
        var message = "a \"quote\",\r\na break, \u0001, \ud800 and \u00e4";
        var thrown = new InvalidOperationException("first\nsecond");

        var json = Format(new JsonLogFormatter(s_time), message, thrown);
        var text = Format(new TextLogFormatter(s_time), message, thrown);

        Assert.That((json.TrimEnd().Contains('\n'), text.TrimEnd().Contains('\n')), Is.EqualTo((false, false)));
        var read = JsonDocument.Parse(json).RootElement;
        Assert.That(read.GetProperty("message").GetString(), Is.EqualTo(message.Replace('\ud800', '\ufffd')));
        Assert.That(read.GetProperty("exception").GetString(), Does.StartWith("System.InvalidOperationException: first\nsecond"));
    }

    private string Format(ConsoleFormatter formatter, string message, Exception? exception = null)
    {
        using var output = new StringWriter();
        formatter.Write(new LogEntry<string>(LogLevel.Warning, "Some.Where", new EventId(7), message, exception, (state, _) => state), _scopes, output);
        return output.ToString();
    }
}
