using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Tests.Fetching;

/// <summary>What fetch Jobs say to the program, which is a contract with those that an older operator made.</summary>
[TestFixture]
internal sealed class DownloadCommandTests
{
    private const string Sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    [Test]
    public void What_is_said_is_read()
    {
        var options = Read(
            "--source", "hf://org/repo@v1", "--target", "/models/k/model.gguf", "--file", "a.gguf", "--file=-b.gguf", "--expect-sha256", Sha256.ToUpperInvariant(), "--expect-sha256", Sha256,
            "--credentials", "/credentials", "--ca", "/authorities", "--allow-address", "10.0.0.0/8", "--allow-address", "Models.Example",
            "--hf-endpoint", "https://mirror.example/hub", "--header-only", "--local-path", "/source/m.gguf", "--retries", "2");

        Assert.That((options.Source, options.Target, options.LocalPath), Is.EqualTo(("hf://org/repo@v1", "/models/k/model.gguf", "/source/m.gguf")));
        Assert.That(options.Files, Is.EqualTo(["a.gguf", "-b.gguf"]));
        Assert.That(options.ExpectedSha256, Is.EqualTo([Sha256, Sha256]));
        Assert.That((options.CredentialsFolder, options.AuthoritiesFolder), Is.EqualTo(("/credentials", "/authorities")));
        Assert.That(options.AllowedAddresses, Is.EqualTo(["10.0.0.0/8", "models.example"]));
        Assert.That(options.HuggingFaceEndpoint, Is.EqualTo(new Uri("https://mirror.example/hub")));
        Assert.That((options.VerifyOnly, options.HeaderOnly, options.Retries), Is.EqualTo((false, true, 2)));
        Assert.That(Read("--source", "pvc://weights/m.gguf", "--target", "/m", "--verify-only", "--local-path", "/source/m.gguf").VerifyOnly, Is.True);
    }

    [Test]
    public void What_is_not_said_has_its_default()
    {
        var options = Read("--source", "https://h/m.gguf", "--target", "/m");

        Assert.That(options with { Files = [], ExpectedSha256 = [], AllowedAddresses = [] }, Is.EqualTo(new FetchOptions { Source = "https://h/m.gguf", Target = "/m" }));
        Assert.That(options.Files.Concat(options.ExpectedSha256).Concat(options.AllowedAddresses), Is.Empty);
    }

    [TestCase("--source=https://h/m.gguf --expect-sha256=abc", "--expect-sha256: 'abc' must be 64 hexadecimal digits")]
    [TestCase("--source=https://h/m.gguf --allow-address=127.1", "--allow-address: '127.1' must be a host name, an IP address, or a CIDR block")]
    [TestCase("--source=https://h/m.gguf --hf-endpoint=file:///hub", "--hf-endpoint: 'file:///hub' must be an http or https URL")]
    [TestCase("--source=https://h/m.gguf --verify-only --header-only", "--header-only: goes without --verify-only")]
    [TestCase("--source=https://h/m.gguf?token=t --verify-only", "--verify-only: goes with sources that are mounted (pvc: and file: URLs, and paths); https://h/m.gguf is proved when it is fetched")]
    [TestCase("--source=hf://org/repo --file=a.gguf --verify-only", "--verify-only: goes with sources that are mounted")]
    [TestCase("--source=https://h/m.gguf --file=a.gguf", "--file goes with sources of the form hf://org/repo only")]
    [TestCase("--source=hf://org/repo", "--source names a repository and no file; name the files in --file")]
    [TestCase("--source=hf://org/repo --file=a.gguf --file=../b.gguf", "--file[1] must be a relative path")]
    [TestCase("--source=s3://bucket/m.gguf", "--source: has the scheme s3, which comes later")]
    public void A_mistake_is_named(string arguments, string says)
    {
        var parsed = DownloadCommand.Create().Parse([.. arguments.Split(' '), "--target=/m"]);

        Assert.That(string.Join('\n', parsed.Errors.Select(e => e.Message)), Does.Contain(says));
    }

    [Test]
    public void A_removal_needs_to_be_told_what()
    {
        Assert.That(RemoveCommand.Create().Parse(["--target=/models/k/model.gguf", "--termination-log=/log"]).Errors, Is.Empty);
        Assert.That(RemoveCommand.Create().Parse([]).Errors.Single().Message, Does.Contain("--target"));
    }

    private static FetchOptions Read(params string[] arguments)
    {
        var parsed = DownloadCommand.Create().Parse(arguments);
        Assert.That(parsed.Errors.Select(e => e.Message), Is.Empty);
        return DownloadCommand.Read(parsed);
    }
}
