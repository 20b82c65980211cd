using System.Text.RegularExpressions;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Documents;

/// <summary>A fenced block of a document.</summary>
/// <param name="File">The document, relative to the repository.</param>
/// <param name="Line">The line of its fence.</param>
/// <param name="Language">What the fence says it is.</param>
/// <param name="Text">What is in it.</param>
internal sealed record Block(string File, int Line, string Language, string Text)
{
    public override string ToString() => $"{File}:{Line}";
}

/// <summary>One of the documents that users read.</summary>
/// <param name="path">Relative to the repository.</param>
internal sealed partial class MarkdownFile(string path)
{
    private readonly string[] _lines = File.ReadAllLines(System.IO.Path.Combine(Installation.Root, path));

    /// <summary>README and what stands beside it, docs/, and the READMEs of projects.</summary>
    public static IReadOnlyList<MarkdownFile> All { get; } =
    [
        .. Directory.GetFiles(Installation.Root, "*.md")
            .Concat(Directory.GetFiles(System.IO.Path.Combine(Installation.Root, "docs"), "*.md"))
            .Concat(Directory.GetDirectories(Installation.Root, "Operator*").SelectMany(d => Directory.GetFiles(d, "*.md")))
            .Select(f => System.IO.Path.GetRelativePath(Installation.Root, f))
            .Order(StringComparer.Ordinal)
            .Select(f => new MarkdownFile(f)),
    ];

    public string Path => path;

    /// <summary>Its fenced blocks, in their order.</summary>
    public IEnumerable<Block> Blocks
    {
        get
        {
            for (var begin = 0; begin < _lines.Length; begin++)
            {
                if (!IsFence(_lines[begin])) continue;
                var end = Array.FindIndex(_lines, begin + 1, l => l.Trim() == "```");
                Assert.That(end, Is.Positive, $"{path}:{begin + 1} has no end");
                var indent = _lines[begin].IndexOf('`', StringComparison.Ordinal); // Within a list.
                yield return new(path, begin + 1, _lines[begin].Trim()[3..], string.Join('\n', _lines[(begin + 1)..end].Select(l => l[Math.Min(indent, l.Length)..])));
                begin = end;
            }
        }
    }

    /// <summary>Where its links lead, as they are written.</summary>
    public IEnumerable<string> Links => Prose.SelectMany(l => Link().Matches(Code().Replace(l, ""))).Select(m => m.Groups["to"].Value);

    /// <summary>What is set as code within its text.</summary>
    public IEnumerable<string> CodeInText => Prose.SelectMany(l => Code().Matches(l)).Select(m => m.Groups["code"].Value);

    /// <summary>The anchors that links can name: those that are written, and those that GitHub gives its headings.</summary>
    public IReadOnlySet<string> Anchors =>
        Prose.SelectMany(l => Anchor().Matches(l)).Select(m => m.Groups["id"].Value)
            .Concat(Prose.Where(l => l.StartsWith('#')).Select(SlugOf).GroupBy(s => s).SelectMany(g => g.Select((s, i) => i == 0 ? s : $"{s}-{i}")))
            .ToHashSet();

    private IEnumerable<string> Prose
    {
        get
        {
            var isCode = false;
            foreach (var line in _lines)
            {
                if (IsFence(line)) isCode = !isCode;
                else if (!isCode) yield return line;
            }
        }
    }

    private static bool IsFence(string line) => line.TrimStart().StartsWith("```", StringComparison.Ordinal);

    private static string SlugOf(string heading) =>
        NotInSlug().Replace(Link().Replace(heading.TrimStart('#').Trim(), m => m.Groups["text"].Value).ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"\[(?<text>[^\]]*)\]\((?<to>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("`(?<code>[^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex("<a id=\"(?<id>[^\"]+)\">")]
    private static partial Regex Anchor();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInSlug();
}
