using System.Text;

namespace LlmKube.Operator.Plugin;

/// <summary>The first thing that keeps an object from serving.</summary>
/// <param name="IsWrong">True: somebody has to do something; false: all is well, or on its way.</param>
/// <param name="Chain">From the object that was asked for to the one that has the cause, such as <c>InferenceService a waits for Model b</c>.</param>
/// <param name="Reason">The cause in one word.</param>
/// <param name="Message">What is known of it.</param>
/// <param name="Advice">What it means and what to do, in sentences; empty: nothing.</param>
/// <param name="Command">A command to begin with; null: none is needed.</param>
internal sealed record Finding(bool IsWrong, IReadOnlyList<string> Chain, string Reason, string Message, string Advice, string? Command)
{
    /// <summary>The paragraph, and below it the command.</summary>
    public string Text()
    {
        var text = new StringBuilder($"{string.Join("; ", Chain)}: {Reason}.");
        foreach (var said in new[] { Message, Advice }.Where(s => s.Length > 0)) text.Append(' ').Append(Sentence(said));
        if (Command is not null) text.Append($"\n\n  {Command}");
        return text.Append('\n').ToString();
    }

    private static string Sentence(string said) => $"{char.ToUpperInvariant(said[0])}{said[1..].TrimEnd('.', ' ')}{(said.EndsWith('?') ? "" : ".")}";
}
