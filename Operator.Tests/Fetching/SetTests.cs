using System.Security.Cryptography;
using System.Text;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Tests.Gguf;

namespace LlmKube.Operator.Tests.Fetching;

/// <summary>Artefacts of several files, and files of the Hub.</summary>
[TestFixture]
internal sealed class SetTests : FetchFixture
{
    private static readonly Dictionary<string, byte[]> s_parts =
        new TinyGguf { Embedding = 256, Layers = 4 }.BuildParts(3).Index().ToDictionary(p => $"/m-0000{p.Index + 1}-of-00003.gguf", p => p.Item);

    private string Cache => Path.Combine(Folder, "cache");

    private string Split => new Uri(Server.Address, "/m-00002-of-00003.gguf").AbsoluteUri;

    [Test]
    public async Task Every_part_of_a_split_file_is_fetched_proved_and_marked()
    {
        ServeParts();

        var report = await FetchAsync(SplitOptions());

        Assert.That(report.Complete, Is.True, report.Message);
        AssertPartsInPlace();
        Assert.That((report.Files!.Count, report.Files.Names[0]), Is.EqualTo((3, "model-00001-of-00003.gguf")));
        Assert.That((report.Bytes, report.Transferred), Is.EqualTo((s_parts.Values.Sum(p => p.LongLength), s_parts.Values.Sum(p => p.LongLength))));
        Assert.That(report.Sha256, Is.EqualTo(SumOfSums()));
        Assert.That(report.Gguf!.LayerCount, Is.EqualTo(4));
        Assert.That(Server.Requests.Select(r => r.Path), Is.EqualTo([.. s_parts.Keys, .. s_parts.Keys.Take(2)]), "when the last is there, whether the others are still the same");
    }

    [Test]
    public async Task A_part_that_is_there_is_not_fetched_again_and_one_that_is_under_way_is_resumed()
    {
        ServeParts();
        var broken = false;
        Server.Usually = (c, s) =>
        {
            s.File = s_parts[c.Request.Path];
            if (broken || c.Request.Path != "/m-00002-of-00003.gguf") return s.ServeAsync(c);
            broken = true;
            return MisbehavingServer.ResetAt(1_000_000)(c, s);
        };

        Assert.That((await FetchAsync(SplitOptions() with { Retries = 0 })).Reason, Is.EqualTo(Reasons.SourceUnreachable));
        Assert.That(File.Exists(Path.Combine(Cache, "model-00001-of-00003.gguf.complete.json")), Is.True);
        var report = await FetchAsync(SplitOptions());

        Assert.That(report.Complete, Is.True, report.Message);
        AssertPartsInPlace();
        var left = s_parts["/m-00002-of-00003.gguf"].Length + s_parts["/m-00003-of-00003.gguf"].Length;
        Assert.That(report.Transferred, Is.GreaterThan(0).And.LessThan(left), "less than the parts that were not there");
        var again = await FetchAsync(SplitOptions());
        Assert.That((again.Cached, again.Sha256), Is.EqualTo((true, report.Sha256)));
    }

    [Test]
    public async Task A_part_that_is_missing_fails_all()
    {
        ServeParts(without: "/m-00003-of-00003.gguf");

        var report = await FetchAsync(SplitOptions());

        Assert.That((report.Reason, report.Terminal), Is.EqualTo((Reasons.SourceNotFound, true)));
        Assert.That(report.Message, Does.Contain("/m-00003-of-00003.gguf"));
    }

    [Test]
    public async Task The_hash_of_all_is_that_of_sha256sum_s_lines_and_nothing_is_in_its_place_before_it_is_right()
    {
        ServeParts();

        var wrong = await FetchAsync(SplitOptions() with { ExpectedSha256 = [new string('0', 64)] });
        Assert.That((wrong.Reason, wrong.Terminal), Is.EqualTo((Reasons.ChecksumMismatch, true)));
        Assert.That(Directory.GetFiles(Cache).Select(Path.GetFileName), Is.EqualTo(["model-00001-of-00003.gguf.lock"]));

        var right = await FetchAsync(SplitOptions() with { ExpectedSha256 = [SumOfSums()] });
        Assert.That(right.Complete, Is.True, right.Message);
        AssertPartsInPlace();
    }

    [TestCase("hf://org/repo/q/m.gguf", "/org/repo/resolve/main/q/m.gguf")]
    [TestCase("hf://org/repo@v1.0/m.gguf", "/org/repo/resolve/v1.0/m.gguf")]
    [TestCase("hf://org/repo@refs%2Fpr%2F1/m%20%231.gguf", "/org/repo/resolve/refs%2Fpr%2F1/m%20%231.gguf")]
    public async Task A_file_of_the_Hub_is_fetched_from_the_endpoint_and_checked_against_what_the_Hub_says_of_it(string source, string path)
    {
        var asked = "";
        Server.Usually = (c, s) =>
        {
            if (c.Request.Path == "/cdn") return s.ServeAsync(c);
            asked = c.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            return MisbehavingServer.StatusAsync(c, 302, headers: [("Location", "/cdn"), ("X-Linked-ETag", $"\"{Bytes.Sha256(Bytes.Sound)}\"")]);
        };

        AssertInPlace(Bytes.Sound, await FetchAsync(Options(source) with { HuggingFaceEndpoint = Server.Address }));
        Assert.That(asked, Is.EqualTo(path));
    }

    [Test]
    public async Task One_of_several_files_that_contradicts_its_host_is_told_what_would_help_and_no_sha256_would()
    {
        ServeParts();
        Server.Headers = [("X-Linked-ETag", new string('0', 64))];

        foreach (var expected in new string[][] { [], [SumOfSums()] })
        {
            var report = await FetchAsync(SplitOptions() with { ExpectedSha256 = expected });

            Assert.That((report.Reason, report.Terminal), Is.EqualTo((Reasons.ChecksumMismatch, true)));
            Assert.That(report.Message, Does.Contain("m-00001-of-00003.gguf is one of several files").And.Contain("name another revision or source").And.Not.Contain("say so in spec.sha256"));
        }
    }

    [Test]
    public async Task A_gated_repository_says_so_by_the_source_s_own_name()
    {
        Server.Usually = (c, _) => MisbehavingServer.StatusAsync(c, 401, "Access to model org/repo is restricted.");

        var report = await FetchAsync(Options("hf://org/repo/m.gguf") with { HuggingFaceEndpoint = Server.Address });

        Assert.That(report.Reason, Is.EqualTo(Reasons.SourceUnauthorized));
        Assert.That(report.Message, Is.EqualTo("hf://org/repo/m.gguf answered 401 Unauthorized: Access to model org/repo is restricted."));
    }

    [Test]
    public async Task Files_of_a_repository_keep_their_paths_and_need_not_all_be_weights()
    {
        var files = new Dictionary<string, byte[]> { ["/o/r/resolve/main/q/m.gguf"] = Bytes.Sound, ["/o/r/resolve/main/LICENSE"] = "Apache"u8.ToArray() };
        Server.Usually = (c, s) =>
        {
            s.File = files[c.Request.Path];
            return s.ServeAsync(c);
        };
        var options = Options("hf://o/r") with { HuggingFaceEndpoint = Server.Address, Files = ["q/m.gguf", "LICENSE"], Target = Path.Combine(Cache, "q", "m.gguf") };

        var report = await FetchAsync(options);

        Assert.That(report.Complete, Is.True, report.Message);
        Assert.That(await File.ReadAllBytesAsync(Path.Combine(Cache, "q", "m.gguf")), Is.EqualTo(Bytes.Sound));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(Cache, "LICENSE")), Is.EqualTo("Apache"));
        Assert.That((await FetchAsync(options)).Cached, Is.True);

        await File.WriteAllTextAsync(Path.Combine(Cache, "q", "foreign"), "stays");
        Assert.That((await ArtifactRemoval.RunAsync(options.Target, options.Files, TimeSpan.Zero, TimeProvider.System, CancellationToken.None)).Complete, Is.True);
        Assert.That(Directory.GetFiles(Cache, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Cache, f)), Is.EquivalentTo(["q/foreign", "q/m.gguf.lock"]));
    }

    [Test]
    public async Task Removal_takes_all_parts_and_what_was_under_way_and_may_be_done_twice()
    {
        ServeParts();
        await FetchAsync(SplitOptions());
        await File.WriteAllTextAsync(Path.Combine(Cache, "model-00002-of-00003.gguf.partial"), "left behind");

        for (var i = 0; i < 2; i++)
        {
            Assert.That((await ArtifactRemoval.RunAsync(SplitOptions().Target, [], TimeSpan.Zero, TimeProvider.System, CancellationToken.None)).Complete, Is.True);
            Assert.That(Directory.GetFiles(Cache).Select(Path.GetFileName), Is.EqualTo(["model-00001-of-00003.gguf.lock"]));
        }
    }

    [Test]
    public async Task Removal_waits_for_a_fetch_that_is_under_way()
    {
        Directory.CreateDirectory(Cache);
        using (await ArtifactLock.AcquireAsync(Paths, TimeSpan.Zero, TimeProvider.System, CancellationToken.None))
        {
            var failure = (await Assert.ThrowsAsync<FetchFailure>(() => ArtifactRemoval.RunAsync(Paths.Final, [], TimeSpan.Zero, TimeProvider.System, CancellationToken.None)))!;
            Assert.That(failure.Reason, Is.EqualTo(Reasons.CacheBusy));
        }
    }

    private FetchOptions SplitOptions() => Options(Split) with { Target = Path.Combine(Cache, "model-00001-of-00003.gguf") };

    private void ServeParts(string? without = null) => Server.Usually = (c, s) =>
    {
        if (c.Request.Path == without) return MisbehavingServer.StatusAsync(c, 404);
        s.File = s_parts[c.Request.Path];
        return s.ServeAsync(c);
    };

    private void AssertPartsInPlace()
    {
        foreach (var (name, content) in s_parts)
        {
            var path = Path.Combine(Cache, $"model{name[2..]}");
            Assert.That(File.ReadAllBytes(path).AsSpan().SequenceEqual(content), Is.True, name);
            Assert.That(File.Exists($"{path}.complete.json"), Is.True, name);
        }

        Assert.That(Directory.GetFiles(Cache), Has.Length.EqualTo(7), "three files, their marks, and a lock");
    }

    private static string SumOfSums() =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(s_parts.Select(p => $"{Bytes.Sha256(p.Value)}  {p.Key[1..]}\n")))));
}
