using System.Security.Cryptography;
using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Tests.Fetching;

/// <summary>A folder, a server, and a way to fetch from the one into the other.</summary>
internal abstract class FetchFixture
{
    protected string Folder { get; private set; } = "";

    protected MisbehavingServer Server { get; private set; } = null!;

    protected ArtifactPaths Paths { get; private set; } = null!;

    [SetUp]
    public async Task StartAsync()
    {
        Folder = Directory.CreateTempSubdirectory("fetch-").FullName;
        Paths = new ArtifactPaths(Path.Combine(Folder, "cache", "model.gguf"));
        Server = await MisbehavingServer.StartAsync(Bytes.Sound);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    protected FetchOptions Options(string? source = null) => new()
    {
        Source = source ?? Server.Url,
        Target = Paths.Final,
        AllowedAddresses = ["127.0.0.1"],
        Retries = 3,
        FirstRetryDelay = TimeSpan.FromMilliseconds(1),
        LongestRetryDelay = TimeSpan.FromMilliseconds(20),
    };

    protected Task<FetchReport> FetchAsync(string? source = null) => FetchAsync(Options(source));

    protected static async Task<FetchReport> FetchAsync(FetchOptions options) =>
        (await Fetch.RunAsync(options, TextWriter.Null, TextWriter.Null, TimeProvider.System, new Random(1), CancellationToken.None)).Report;

    /// <summary>The file is there whole, and proved.</summary>
    protected void AssertInPlace(byte[] content, FetchReport report)
    {
        Assert.That(report.Complete, Is.True, report.Message);
        Assert.That(File.ReadAllBytes(Paths.Final).AsSpan().SequenceEqual(content), Is.True);
        Assert.That(report.Sha256, Is.EqualTo(Bytes.Sha256(content)));
        Assert.That(Directory.GetFiles(Paths.Folder).Select(Path.GetFileName), Is.EquivalentTo(["model.gguf", "model.gguf.complete.json", "model.gguf.lock"]));
    }

    /// <summary>Nothing that could be taken for the artefact.</summary>
    protected void AssertNothingInPlace()
    {
        Assert.That(File.Exists(Paths.Final), Is.False);
        Assert.That(File.Exists(Paths.Marker), Is.False);
    }
}

internal static class Bytes
{
    /// <summary>About 2.4 MB: several reads, quick to make.</summary>
    public static byte[] Sound { get; } = new Gguf.TinyGguf { Embedding = 128, Layers = 4 }.Build();

    public static byte[] Other { get; } = new Gguf.TinyGguf { Embedding = 128, Layers = 4, Seed = 2 }.Build();

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
