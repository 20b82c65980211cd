namespace LlmKube.Operator.Tests.Surface;

/// <summary>A type, or a member of one, as kubeops-symbols.txt writes it.</summary>
/// <param name="Type">For example <c>interface KubeOps.Abstractions.Events.IEventPublisherFactory</c>.</param>
/// <param name="Member">For example <c>Create() : EventPublisher</c>; empty for the type itself.</param>
internal readonly record struct Symbol(string Type, string Member)
{
    public override string ToString() => Member.Length == 0 ? Type : $"{Type} :: {Member}";

    /// <summary>Reads a list: types at the margin, each followed by its members, indented; # starts a remark.</summary>
    public static IEnumerable<Symbol> Parse(IEnumerable<string> lines)
    {
        var type = "";
        foreach (var line in lines.Where(line => line.Trim().Length > 0 && line[0] != '#'))
        {
            if (!char.IsWhiteSpace(line[0]))
            {
                type = line.TrimEnd();
            }

            yield return new Symbol(type, char.IsWhiteSpace(line[0]) ? line.Trim() : "");
        }
    }
}
