using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Tests.Gguf;
using Microsoft.AspNetCore.Http;

namespace LlmKube.Operator.Tests.Fetching;

/// <summary>The parts of a split model of a branch that moves: those of one version are an artefact, and no others.</summary>
[TestFixture]
internal sealed class SetVersionTests : FetchFixture
{
    // The same shape, other weights: nothing but their hashes tells the parts of the one from those of the other.
    private static readonly IReadOnlyList<byte[]> s_old = new TinyGguf { Embedding = 128, Seed = 1 }.BuildParts(3);
    private static readonly IReadOnlyList<byte[]> s_new = new TinyGguf { Embedding = 128, Seed = 2 }.BuildParts(3);

    private readonly Dictionary<string, (byte[] Content, string? ETag)> _files = [];

    private string Cache => Path.Combine(Folder, "cache");

    [SetUp]
    public void Serve()
    {
        Put(s_old, "old");
        Server.Usually = AnswerAsync;
    }

    [Test]
    public async Task Parts_of_a_run_that_broke_off_are_taken_only_while_the_source_has_them()
    {
        Server.Then(AnswerAsync).Then(AnswerAsync).ThenStatus(404);
        Assert.That((await FetchAsync(Set())).Reason, Is.EqualTo(Reasons.SourceNotFound));
        Put(s_new, "new");
        _files[Name(2)] = (s_old[1], "\"old-2\"");

        var report = await FetchAsync(Set());

        AssertIs([s_new[0], s_old[1], s_new[2]], report);
        Assert.That(report.Transferred, Is.EqualTo(s_new[0].Length + s_new[2].Length), "the second part is the same in both");
    }

    [Test]
    public async Task A_branch_that_moves_while_its_files_come_is_followed()
    {
        Server.Then(AnswerAsync).Then((c, s) =>
        {
            Put(s_new, "new");
            return AnswerAsync(c, s);
        });

        AssertIs(s_new, await FetchAsync(Set()));
    }

    [Test]
    public async Task A_branch_that_never_stands_still_is_left_for_later()
    {
        var version = 0;
        Server.Usually = (c, s) =>
        {
            Put(s_old, $"{++version}");
            return AnswerAsync(c, s);
        };

        var report = await FetchAsync(Set());

        Assert.That((report.Complete, report.Terminal, report.Reason), Is.EqualTo((false, false, Reasons.SourceUnreachable)));
        Assert.That(report.Message, Does.Contain("name a revision that stays"));
    }

    [Test]
    public async Task The_host_s_own_hash_tells_versions_apart_without_any_ETag()
    {
        Put(s_old, null);
        string? announced = null;
        Server.Usually = (c, s) =>
        {
            announced = Bytes.Sha256(_files[c.Request.Path].Content);
            s.Headers = [("X-Linked-ETag", announced)];
            return AnswerAsync(c, s);
        };
        Server.Then(Server.Usually).ThenStatus(404);
        Assert.That((await FetchAsync(Set())).Reason, Is.EqualTo(Reasons.SourceNotFound));

        Put(s_new, null);
        AssertIs(s_new, await FetchAsync(Set()));

        var unchanged = await FetchAsync(Set());
        Assert.That((unchanged.Cached, unchanged.Complete), Is.EqualTo((true, true)));
    }

    [Test]
    public async Task A_source_that_names_no_version_is_believed_for_one_run_alone()
    {
        Put(s_old, null);
        Server.Then(AnswerAsync).ThenStatus(404);
        Assert.That((await FetchAsync(Set())).Reason, Is.EqualTo(Reasons.SourceNotFound));
        Put(s_new, null);

        var report = await FetchAsync(Set());

        AssertIs(s_new, report);
    }

    [Test]
    public async Task Files_that_are_each_marked_are_no_artefact_before_all_are()
    {
        await FetchAsync(Set());
        var marker = Path.Combine(Cache, "model-00001-of-00003.gguf.complete.json");
        var marked = JsonFile.TryRead<CompletionMarker>(marker)!;
        Assert.That(marked.Set, Is.EqualTo(s_old.Select(Bytes.Sha256)));
        JsonFile.Write(marker, marked with { Set = null });
        var asked = Server.Requests.Count;

        var report = await FetchAsync(Set());

        AssertIs(s_old, report);
        Assert.That((report.Cached, report.Transferred), Is.EqualTo((false, 0)));
        Assert.That(Server.Requests.Skip(asked).Select(r => (r.Path, r.Range)), Is.EqualTo(Enumerable.Range(1, 3).Select(i => (Name(i), (string?)$"bytes={s_old[i - 1].Length - 1}-"))));
        Assert.That((await FetchAsync(Set())).Cached, Is.True);
    }

    private static readonly Dictionary<string, (IReadOnlyList<byte[]> Parts, string Says)> Mistaken = new()
    {
        ["two in each other's place"] = ([s_old[0], s_old[2], s_old[1]], "m-00002-of-00003.gguf has the name of part 2 of 3, and by its header (split.no, split.count) is part 3 of 3"),
        ["one of a split into more"] = ([s_old[0], new TinyGguf { Embedding = 128 }.BuildParts(4)[1], s_old[2]], "is part 2 of 4"),
        ["one that is no part"] = ([s_old[0], new TinyGguf().Build(), s_old[2]], "its header says nothing of parts"),
        ["one of a model with more tensors"] = ([s_old[0], new TinyGguf { Embedding = 128, Layers = 3 }.BuildParts(3)[1], s_old[2]], "parts of different models: split.tensors.count is 21 in the one, and 30 in the other"),
        ["one without its tensors"] = ([s_old[0], Part(2, "llama"), s_old[2]], "have 14 tensors together, and should have 21 (split.tensors.count)"),
        ["one of another architecture"] = ([s_old[0], Part(2, "mamba"), s_old[2]], "general.architecture is llama in the one, and mamba in the other"),
        ["one of another name"] = ([s_old[0], Part(2, "llama", "other"), s_old[2]], "general.name is tiny-random-llama in the one, and other in the other"),
    };

    private static IEnumerable<string> Mistakes => Mistaken.Keys;

    [Test]
    public async Task Parts_that_don_t_belong_together_are_no_model([ValueSource(nameof(Mistakes))] string mistake, [Values] bool isWanted)
    {
        var (parts, says) = Mistaken[mistake];
        Put(parts, "v");
        var lines = string.Concat(parts.Index().Select(p => $"{Bytes.Sha256(p.Item)}  {Name(p.Index + 1)[1..]}\n"));
        var options = Set() with { ExpectedSha256 = isWanted ? [Bytes.Sha256(System.Text.Encoding.UTF8.GetBytes(lines))] : [] };

        var report = await FetchAsync(options);

        Assert.That((report.Complete, report.Reason, report.Terminal), Is.EqualTo((false, Reasons.NotGguf, true)), report.Message);
        Assert.That(report.Message, Does.Contain(says));
        Assert.That((await FetchAsync(options)).Complete, Is.False, "nor the next time");
        if (isWanted) Assert.That(Directory.GetFiles(Cache, "*.gguf"), Is.Empty);
    }

    private static byte[] Part(int number, string architecture, string? name = null)
    {
        var file = new GgufBuilder().Text("general.architecture", architecture).UInt16("split.no", (ushort)(number - 1)).UInt16("split.count", 3).Int32("split.tensors.count", 21);
        return (name is null ? file : file.Text("general.name", name)).Build();
    }

    private static string Name(int part) => $"/m-0000{part}-of-00003.gguf";

    private FetchOptions Set() => Options(new Uri(Server.Address, Name(1)).AbsoluteUri) with { Target = Path.Combine(Cache, "model-00001-of-00003.gguf") };

    private void Put(IReadOnlyList<byte[]> parts, string? version)
    {
        for (var i = 1; i <= parts.Count; i++) _files[Name(i)] = (parts[i - 1], version is null ? null : $"\"{version}-{i}\"");
    }

    private Task AnswerAsync(HttpContext context, MisbehavingServer server)
    {
        (server.File, server.ETag) = _files[context.Request.Path];
        return server.ServeAsync(context);
    }

    private void AssertIs(IReadOnlyList<byte[]> parts, FetchReport report)
    {
        Assert.That(report.Complete, Is.True, report.Message);
        for (var i = 0; i < parts.Count; i++)
        {
            Assert.That(File.ReadAllBytes(Path.Combine(Cache, $"model-0000{i + 1}-of-00003.gguf")).AsSpan().SequenceEqual(parts[i]), Is.True, $"part {i + 1}");
        }

        Assert.That(Directory.GetFiles(Cache), Has.Length.EqualTo(7), "three files, their marks, and a lock");
    }
}
