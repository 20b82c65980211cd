using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Tests.Fetching;

[TestFixture]
internal sealed class SourceAddressTests
{
    [TestCase("https://host/a/b.gguf?download=true&token=x#part", "https://host/a/b.gguf")]
    [TestCase("http://user:p%40ss@host:8080/b.gguf", "http://host:8080/b.gguf")]
    [TestCase("https://host/mit%20Leerzeichen.gguf", "https://host/mit%20Leerzeichen.gguf")]
    [TestCase("file:///srv/models/b.gguf", "/srv/models/b.gguf")]
    [TestCase("/srv/models/b.gguf", "/srv/models/b.gguf")]
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

    [TestCase("", "empty")]
    [TestCase("models/b.gguf", "neither")]
    [TestCase("ftp://host/b.gguf", "ftp")]
    [TestCase("https:///b.gguf", "")]
    [TestCase("file://host/b.gguf", "host")]
    [TestCase("/srv/../etc/b.gguf", "..")]
    [TestCase("/srv/models/", "file")]
    [TestCase("https://host/b\n.gguf", "control")]
    public void Refused_with_words(string source, string says)
    {
        Assert.That(SourceAddress.TryParse(source, out _, out var problem), Is.False);
        Assert.That(problem, Does.Contain(says));
    }
}
