using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Tests.Fetching;

/// <summary>Which files a source stands for.</summary>
public class ArtifactPlanTests
{
    private static IEnumerable<TestCaseData> Plans()
    {
        yield return Plan("https://h/m.gguf", [], "https://h/m.gguf -> model.gguf").SetName("one file");
        yield return Plan("https://h/download?id=7", [], "https://h/download -> model.gguf").SetName("a URL without a suffix");
        yield return Plan(
            "https://h/a/m-00002-of-00003.gguf?t=1",
            [],
            "https://h/a/m-00001-of-00003.gguf -> model-00001-of-00003.gguf",
            "https://h/a/m-00002-of-00003.gguf -> model-00002-of-00003.gguf",
            "https://h/a/m-00003-of-00003.gguf -> model-00003-of-00003.gguf").SetName("a split file, whichever part was named");
        yield return Plan("https://h/m-00001-of-00001.gguf", [], "https://h/m-00001-of-00001.gguf -> model-00001-of-00001.gguf").SetName("split into one");
        yield return Plan("https://h/m-00004-of-00003.gguf", [], "https://h/m-00004-of-00003.gguf -> model.gguf").SetName("no part of what it says");
        yield return Plan("https://h/m-00000-of-00003.gguf", [], "https://h/m-00000-of-00003.gguf -> model.gguf").SetName("part zero");
        yield return Plan("https://h/m-00001-of-99999.gguf", [], "https://h/m-00001-of-99999.gguf -> model.gguf").SetName("more parts than a model has");
        yield return Plan("/srv/m-00001-of-00002.gguf", [], "/srv/m-00001-of-00002.gguf -> model-00001-of-00002.gguf", "/srv/m-00002-of-00002.gguf -> model-00002-of-00002.gguf").SetName("a split file of the node");
        yield return Plan("pvc://c/d/m.gguf", [], "pvc://c/d/m.gguf -> model.gguf").SetName("a file of a claim");
        yield return Plan("hf://o/r@main/q/m.gguf", [], "hf://o/r@main/q/m.gguf -> model.gguf").SetName("a file of the Hub");
        yield return Plan("hf://o/r/q/m-00001-of-00002.gguf", [], "hf://o/r/q/m-00001-of-00002.gguf -> model-00001-of-00002.gguf", "hf://o/r/q/m-00002-of-00002.gguf -> model-00002-of-00002.gguf")
            .SetName("a split file of the Hub");
        yield return Plan("hf://o/r@v1", ["q/m.gguf", "mmproj.gguf"], "hf://o/r@v1/q/m.gguf -> q/m.gguf", "hf://o/r@v1/mmproj.gguf -> mmproj.gguf").SetName("files of a repository keep their paths");
        yield return Plan(
            "hf://o/r",
            ["m-00001-of-00002.gguf", "m-00002-of-00002.gguf", "LICENSE"],
            "hf://o/r/m-00001-of-00002.gguf -> m-00001-of-00002.gguf",
            "hf://o/r/m-00002-of-00002.gguf -> m-00002-of-00002.gguf",
            "hf://o/r/LICENSE -> LICENSE").SetName("parts that are named are not taken twice");
    }

    [TestCaseSource(nameof(Plans))]
    public void A_source_stands_for(string source, string[] files, string[] parts)
    {
        Assert.That(SourceAddress.TryParse(source, out var address, out var problem), Is.True, problem);
        Assert.That(ArtifactPlan.Of(address!, files).Select(p => $"{p.Source.Shown} -> {p.Name}"), Is.EqualTo(parts));
    }

    [Test]
    public void A_query_and_a_password_go_to_every_part()
    {
        Assert.That(SourceAddress.TryParse("https://bob:pw@h/m-00001-of-00002.gguf?token=1", out var address, out _), Is.True);
        var parts = ArtifactPlan.Of(address!, []).Select(p => (SourceAddress.Remote)p.Source).ToList();
        Assert.That(parts.Select(p => p.Url.AbsoluteUri), Is.EqualTo(["https://h/m-00001-of-00002.gguf?token=1", "https://h/m-00002-of-00002.gguf?token=1"]));
        Assert.That(parts.Select(p => p.UserInfo), Is.All.EqualTo("bob:pw"));
    }

    private static TestCaseData Plan(string source, string[] files, params string[] parts) => new(source, files, parts);
}
