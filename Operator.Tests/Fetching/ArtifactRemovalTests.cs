using CsCheck;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Fetching;

/// <summary>The verb <c>remove</c> in folders in which anything lies: stopped anywhere and begun again, it takes what is the artefact's, and nothing else.</summary>
[TestFixture]
internal sealed class ArtifactRemovalTests
{
    private static readonly (string Target, string[] Files, string[] Names)[] Artefacts =
    [
        ("model.gguf", [], ["model.gguf"]),
        ("model-00001-of-00002.gguf", [], ["model-00001-of-00002.gguf", "model-00002-of-00002.gguf"]),
        ("q/m.gguf", ["q/m.gguf", "LICENSE", "q/x/mmproj-00001-of-00002.gguf"], ["q/m.gguf", "LICENSE", "q/x/mmproj-00001-of-00002.gguf", "q/x/mmproj-00002-of-00002.gguf"]),
    ];

    // What lies beside each file, the proof first: without it the rest counts for nothing.
    private static readonly string[] Suffixes = [".complete.json", "", ".partial.json", ".partial", ".complete.json.new", ".partial.json.new"];

    // As near to the artefacts' own names as somebody else's can be.
    private static readonly string[] Foreign =
    [
        "model.gguf.bak", "model.gguf.complete.json.old", "model.gguf.partial2", ".model.gguf", "Model.gguf", "model", "model-00003-of-00003.gguf", "model-00001-of-00003.gguf", "m.gguf",
        "q/other.gguf", "q/m.gguf~", "q/LICENSE", "q/x/notes.txt", "q/x/mmproj.gguf", "LICENSE.txt", "deep/er/model.gguf", "../neighbour/model.gguf", "../model.gguf",
    ];

    private static Gen<Case> Cases { get; } =
        from artefact in Gen.Int[0, Artefacts.Length - 1]
        from present in Gen.Bool.Array[Artefacts[artefact].Names.Length * Suffixes.Length]
        from foreign in Gen.Int[0, Foreign.Length - 1].HashSet[0, 8]
        from stop in Gen.Int[-1, present.Length - 1]
        select new Case(artefact, present, foreign, stop);

    [Test]
    public async Task Stopped_anywhere_and_begun_again_it_takes_its_own_files_alone() => await Cases.SampleAsync(
        async it =>
        {
            var folder = Directory.CreateTempSubdirectory("remove-").FullName;
            try
            {
                await CheckAsync(it, Path.Combine(folder, "cache"));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        },
        iter: 300);

    [Test]
    public async Task Killed_in_the_middle_it_is_done_by_the_next_one()
    {
        var folder = Directory.CreateTempSubdirectory("remove-").FullName;
        string[] files = ["q/0.gguf", .. Enumerable.Range(1, SourceFiles.Most - 1).Select(i => $"q/{i % 7}/{i}")];
        foreach (var file in files.SelectMany(f => Suffixes.Select(s => f + s)).Append("q/3/foreign").Append("foreign")) Put(folder, file);
        string[] arguments = ["remove", "--target", Path.Combine(folder, "q", "0.gguf"), .. files.Select(f => $"--file={f}"), "--termination-log", Path.Combine(folder, "log")];

        using (var killed = ProgramProcess.Start([], arguments))
        {
            await Eventually.TrueAsync(() => killed.HasExited || !File.Exists(Path.Combine(folder, "q", "0.gguf")), "it has begun");
            if (!killed.HasExited) await killed.KillAsync();
        }

        foreach (var file in files) AssertProofFirst(folder, file);
        using var next = ProgramProcess.Start([], arguments);
        Assert.That(await next.ExitAsync(), Is.EqualTo(ExitCodes.Complete), string.Join('\n', next.Errors));
        Assert.That(FilesIn(folder), Is.EquivalentTo(["foreign", "q/3/foreign", "q/0.gguf.lock", "log"]));
        Directory.Delete(folder, recursive: true);
    }

    private static async Task CheckAsync(Case it, string folder)
    {
        var (target, files, names) = Artefacts[it.Artefact];
        string[] own = [.. names.SelectMany(n => Suffixes.Select(s => n + s)).Where((_, i) => it.Present[i] || i == it.Stop)];
        Directory.CreateDirectory(folder);
        foreach (var file in own) Put(folder, file);
        string[] foreign = [.. it.Foreign.Select(i => Foreign[i])];
        foreach (var file in foreign) Put(folder, file);

        // It stops exactly there, as if it had been killed: what is no file can't be deleted as one.
        var obstacle = it.Stop < 0 ? null : Path.Combine(folder, names[it.Stop / Suffixes.Length] + Suffixes[it.Stop % Suffixes.Length]);
        if (obstacle is not null)
        {
            File.Delete(obstacle);
            Directory.CreateDirectory(obstacle);
            Assert.That((await Assert.ThrowsAsync<FetchFailure>(() => RemoveAsync(folder, target, files)))!.Reason, Is.EqualTo(Reasons.CacheUnusable));
            foreach (var name in names.Where(n => own.Contains(n))) AssertProofFirst(folder, name);
            AssertThere(folder, foreign);
            Directory.Delete(obstacle);
            Put(folder, Path.GetRelativePath(folder, obstacle));
        }

        for (var i = 0; i < 2; i++)
        {
            Assert.That((await RemoveAsync(folder, target, files)).Complete, Is.True);
            AssertThere(folder, foreign);
            Assert.That(FilesIn(folder), Is.EquivalentTo([.. foreign.Where(f => !f.StartsWith("..", StringComparison.Ordinal)), .. Lock(folder, target)]));
        }

        var empty = Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Where(d => !Directory.EnumerateFileSystemEntries(d).Any());
        Assert.That(empty, Is.Empty);
    }

    // Where there never was a folder for it there is no lock either.
    private static string[] Lock(string folder, string target) => File.Exists(Path.Combine(folder, $"{target}.lock")) ? [$"{target}.lock"] : [];

    private static Task<FetchReport> RemoveAsync(string folder, string target, string[] files) =>
        ArtifactRemoval.RunAsync(Path.Combine(folder, target), files, TimeSpan.Zero, TimeProvider.System, CancellationToken.None);

    private static void AssertProofFirst(string folder, string name) =>
        Assert.That(File.Exists(Path.Combine(folder, name)) || !Path.Exists(Path.Combine(folder, name + ".complete.json")), Is.True, $"{name} is gone and its proof is there");

    private static void AssertThere(string folder, IEnumerable<string> files)
    {
        foreach (var file in files) Assert.That(File.ReadAllText(Path.Combine(folder, file)), Is.EqualTo(file));
    }

    private static IEnumerable<string> FilesIn(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f));

    private static void Put(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, file);
    }

    private sealed record Case(int Artefact, bool[] Present, HashSet<int> Foreign, int Stop)
    {
        // For a sample that fails.
        public override string ToString() =>
            $"{Artefacts[Artefact].Target}, there: {string.Join(' ', Present.Index().Where(p => p.Item).Select(p => p.Index))}, foreign: {string.Join(' ', Foreign.Select(i => ArtifactRemovalTests.Foreign[i]))}, stop at {Stop}";
    }
}
