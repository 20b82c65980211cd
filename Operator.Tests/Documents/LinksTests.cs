using System.Text.RegularExpressions;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Documents;

/// <summary>What documents refer to is there.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed partial class LinksTests
{
    private static readonly HashSet<string> s_targets =
        [.. File.ReadLines(Path.Combine(Installation.Root, "Makefile")).Select(l => Target().Match(l)).Where(m => m.Success).Select(m => m.Groups["name"].Value)];

    public static IEnumerable<TestCaseData> Files() => MarkdownFile.All.Select(f => new TestCaseData(f).SetArgDisplayNames(f.Path));

    [TestCaseSource(nameof(Files))]
    public void Links_lead_to_files_and_anchors_that_exist(MarkdownFile file)
    {
        var local = file.Links.Where(l => !Absolute().IsMatch(l)).Distinct().ToList();

        Assert.That(local.Where(l => !Exists(file, l)), Is.Empty);
    }

    [TestCaseSource(nameof(Files))]
    public void Targets_of_make_exist(MarkdownFile file)
    {
        var commands = file.CodeInText.Concat(file.Blocks.SelectMany(CommandsTests.CommandsOf));

        Assert.That(commands.SelectMany(c => Make().Matches(c)).SelectMany(m => Words().Matches(m.Groups["what"].Value)).Select(w => w.Value).Where(w => !s_targets.Contains(w)), Is.Empty);
    }

    [TestCaseSource(nameof(Files))]
    public void Files_and_folders_that_a_text_names_exist(MarkdownFile file) =>
        Assert.That(file.CodeInText.Where(c => OfThisRepository().IsMatch(c) && !Path.Exists(Path.Combine(Installation.Root, c))), Is.Empty);

    private static bool Exists(MarkdownFile from, string link)
    {
        var (path, anchor) = link.Split('#', 2) is [var before, var after] ? (before, after) : (link, null);
        var full = path.Length == 0 ? Path.Combine(Installation.Root, from.Path) : Path.GetFullPath(Path.Combine(Installation.Root, Path.GetDirectoryName(from.Path)!, path));
        if (anchor is null) return Path.Exists(full);
        var to = MarkdownFile.All.FirstOrDefault(f => Path.GetFullPath(Path.Combine(Installation.Root, f.Path)) == full);
        return to?.Anchors.Contains(anchor) == true;
    }

    [GeneratedRegex("^[a-z]+:")]
    private static partial Regex Absolute();

    [GeneratedRegex(@"^((deploy|build|docs)/|Operator(\.\w+)*(/|$))[\w./-]*$")]
    private static partial Regex OfThisRepository();

    [GeneratedRegex("^(?<name>[a-z-]+):")]
    private static partial Regex Target();

    // A variable, which is in capitals, ends the targets.
    [GeneratedRegex(@"^make(?<what>( [a-z][a-z-]*\b(?!=))+)")]
    private static partial Regex Make();

    [GeneratedRegex("[a-z-]+")]
    private static partial Regex Words();
}
