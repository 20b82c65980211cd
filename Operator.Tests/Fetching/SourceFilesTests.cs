using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Tests.Fetching;

[TestFixture]
internal sealed class SourceFilesTests
{
    private static readonly string Long = new('a', 513);

    private static readonly Dictionary<string, (string Source, string?[] Files, string? Says)> Cases = new()
    {
        ["a URL names its file"] = ("https://h/m.gguf", [], null),
        ["a URL and files don't go together"] = ("https://h/m.gguf", ["a.gguf"], "spec.files goes with sources of the form hf://org/repo only"),
        ["a claim and files don't go together"] = ("pvc://claim/m.gguf", ["a.gguf"], "spec.files goes with"),
        ["a file of the Hub is one"] = ("hf://org/repo/m.gguf", [], null),
        ["a file of the Hub and files don't go together"] = ("hf://org/repo/m.gguf", ["a.gguf"], "spec.source names a file already"),
        ["a repository needs files"] = ("hf://org/repo", [], "spec.source names a repository and no file; name the files in spec.files"),
        ["a repository with files"] = ("hf://org/repo@v1", ["q4/a-00001-of-00002.gguf", "q4/a-00002-of-00002.gguf", "-x"], null),
        ["up"] = ("hf://org/repo", ["a.gguf", "../b.gguf"], "spec.files[1] must be a relative path"),
        ["up in the middle"] = ("hf://org/repo", ["a/../b.gguf"], "spec.files[0] must be a relative path"),
        ["here"] = ("hf://org/repo", ["./b.gguf"], "spec.files[0] must"),
        ["from the root"] = ("hf://org/repo", ["/etc/b.gguf"], "spec.files[0] must"),
        ["a folder"] = ("hf://org/repo", ["a/"], "spec.files[0] must"),
        ["nothing"] = ("hf://org/repo", [""], "spec.files[0] must"),
        ["null"] = ("hf://org/repo", [null], "spec.files[0] must"),
        ["a backslash"] = ("hf://org/repo", [@"a\..\b"], "spec.files[0] must"),
        ["two lines"] = ("hf://org/repo", ["a\nb"], "spec.files[0] must"),
        ["too long"] = ("hf://org/repo", [Long], "spec.files[0] must be a relative path of at most 512 characters"),
        ["the proof of another"] = ("hf://org/repo", ["a.gguf", "a.gguf.complete.json"], "spec.files[1] has a name that the cache uses itself"),
        ["the lock of another as a folder"] = ("hf://org/repo", ["a.gguf.LOCK/b.gguf", "a.gguf"], "spec.files[0] has a name that the cache uses itself"),
        ["twice"] = ("hf://org/repo", ["a.gguf", "b.gguf", "a.gguf"], "spec.files[2] names a file a second time"),
        ["too many"] = ("hf://org/repo", [.. Enumerable.Range(0, 257).Select(i => $"{i}.gguf")], "spec.files must have at most 256 files, has 257"),
    };

    public static IEnumerable<string> Stories => Cases.Keys;

    [TestCaseSource(nameof(Stories))]
    public void Files_fit_their_source_or_are_refused_by_name(string story)
    {
        var (source, files, says) = Cases[story];
        Assert.That(SourceAddress.TryParse(source, out var address, out _), Is.True);

        var problem = SourceFiles.Problem(address!, files!, "spec.source", "spec.files");

        if (says is null) Assert.That(problem, Is.Null);
        else Assert.That(problem, Does.Contain(says));
    }
}
