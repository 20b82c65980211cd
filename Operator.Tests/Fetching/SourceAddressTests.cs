using CsCheck;
using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Tests.Fetching;

[TestFixture]
internal sealed class SourceAddressTests
{
    private static readonly string[] Starts = ["hf://org/repo/", "hf://org/repo@v1/", "pvc://claim/"];

    private static readonly string[] Steps = ["..", ".", "", "%2e%2e", "%2E.", "a", "b.gguf", "a%2f..%2f..", "%5c..", "%00", "c@d", "c:d", "%252e%252e"];

    private static readonly Gen<string> Step = Gen.OneOf(
        Gen.Int[0, Steps.Length - 1].Select(i => Steps[i]),
        Gen.String[Gen.Char[' ', '~'], 0, 4]);

    [TestCase("https://host/a/b.gguf?download=true&token=x#part", "https://host/a/b.gguf")]
    [TestCase("http://user:p%40ss@host:8080/b.gguf", "http://host:8080/b.gguf")]
    [TestCase("https://host/mit%20Leerzeichen.gguf", "https://host/mit%20Leerzeichen.gguf")]
    [TestCase("file:///srv/models/b.gguf", "/srv/models/b.gguf")]
    [TestCase("/srv/models/b.gguf", "/srv/models/b.gguf")]
    [TestCase("https://host/download", "https://host/download")]
    [TestCase("hf://Org/Repo.v2/a/b%20c.gguf", "hf://Org/Repo.v2/a/b c.gguf")]
    [TestCase("hf://Org/Repo@refs%2Fpr%2F1/b.gguf", "hf://Org/Repo@refs%2Fpr%2F1/b.gguf")]
    [TestCase("hf://org/repo@main", "hf://org/repo@main")]
    [TestCase("pvc://claim/a/b.gguf", "pvc://claim/a/b.gguf")]
    public void Shown_without_what_might_be_secret(string source, string shown)
    {
        Assert.That(SourceAddress.TryParse(source, out var address, out _), Is.True);
        Assert.That(address!.Shown, Is.EqualTo(shown));
    }

    [Test]
    public void The_query_is_fetched_with_and_the_credentials_are_apart()
    {
        Assert.That(SourceAddress.TryParse("https://user:p%40ss@host/b.gguf?download=true", out var address, out _), Is.True);
        Assert.That(address, Is.EqualTo(new SourceAddress.Remote(new Uri("https://host/b.gguf?download=true"), "user:p@ss")));
    }

    [Test]
    public void A_file_of_the_Hub_is_taken_apart_and_keeps_its_case()
    {
        Assert.That(SourceAddress.TryParse("hf://Org/Repo@refs%2fpr%2f1/a%2520b/c.gguf", out var address, out _), Is.True);
        Assert.That(address, Is.EqualTo(new SourceAddress.HuggingFace("Org", "Repo", "refs/pr/1", "a%20b/c.gguf")));
        Assert.That(SourceAddress.TryParse("hf://Org/Repo", out address, out _), Is.True);
        Assert.That(address, Is.EqualTo(new SourceAddress.HuggingFace("Org", "Repo", null, null)));
    }

    [TestCase("https://host/b.gguf", false)]
    [TestCase("hf://org/repo/b.gguf", false)]
    [TestCase("pvc://claim/b.gguf", true)]
    [TestCase("file:///srv/b.gguf", true)]
    public void Some_come_over_the_network_and_some_are_mounted(string source, bool isMounted)
    {
        Assert.That(SourceAddress.TryParse(source, out var address, out _), Is.True);
        Assert.That(address!.IsMounted, Is.EqualTo(isMounted));
    }

    [Test]
    public void Whatever_the_steps_say_the_path_leads_down() => Gen.Select(Gen.Int[0, Starts.Length - 1], Step.Array[1, 5]).Sample((start, steps) =>
    {
        if (!SourceAddress.TryParse(Starts[start] + string.Join('/', steps), out var address, out _)) return true;
        var path = address switch
        {
            SourceAddress.HuggingFace { Path: { } file } => file,
            SourceAddress.Claim { Path: var file } => file,
            _ => "..",
        };
        return path.Split('/').All(s => s is not ("" or "." or "..") && !s.Contains('\\') && !s.Any(char.IsControl))
            && System.IO.Path.GetFullPath(path, "/cache/key") == $"/cache/key/{path}";
    });

    [TestCase("", "empty")]
    [TestCase("models/b.gguf", "neither")]
    [TestCase("ftp://host/b.gguf", "ftp")]
    [TestCase("https:///b.gguf", "neither")]
    [TestCase("file://host/b.gguf", "host")]
    [TestCase("/srv/../etc/b.gguf", "..")]
    [TestCase("/srv/models/", "file")]
    [TestCase("https://host/b\n.gguf", "control")]
    [TestCase("file:///srv/b%0A.gguf", "control")]
    [TestCase("s3://bucket/b.gguf", "has the scheme s3, which comes later; today http, https, hf, pvc and file can be fetched")]
    [TestCase("oci://registry.example/b:1", "comes later")]
    [TestCase("hf://repo", "hf://org/repo")]
    [TestCase("hf://org/", "hf://org/repo")]
    [TestCase("hf://me:secret@org/repo/b.gguf", "hf://org/repo")]
    [TestCase("hf://../repo/b.gguf", "hf://org/repo")]
    [TestCase("hf://org/repo@/b.gguf", "branch")]
    [TestCase("hf://org/repo@%2e%2e/b.gguf", "branch")]
    [TestCase("hf://org/repo@a%2F..%2Fb/b.gguf", "branch")]
    [TestCase("hf://org/repo/", "file")]
    [TestCase("hf://org/repo/../b.gguf", "'..'")]
    [TestCase("hf://org/repo/%2e%2e/b.gguf", "'..'")]
    [TestCase("hf://org/repo/b.gguf?download=true", "%3F")]
    [TestCase("pvc://claim", "pvc://claim/path")]
    [TestCase("pvc://claim/", "file")]
    [TestCase("pvc://My_Claim/b.gguf", "PersistentVolumeClaim")]
    [TestCase("pvc://claim/a%2F..%2F..%2Fb.gguf", "'..'")]
    [TestCase("pvc://claim//b.gguf", "empty steps")]
    [TestCase("pvc://claim/b%00.gguf", "file")]
    public void Refused_with_words(string source, string says)
    {
        Assert.That(SourceAddress.TryParse(source, out _, out var problem), Is.False);
        Assert.That(problem, Does.Contain(says).And.Not.Contain("secret"));
    }
}
