using LlmKube.Operator.LocalCluster.Commands;
using LlmKube.Operator.LocalCluster.Demo;

namespace LlmKube.Operator.LocalCluster.Tests.Demo;

/// <summary>The folder that the demo works in.</summary>
public sealed class DemoFolderTests
{
    private DirectoryInfo _parent = null!;

    private string Folder => Path.Combine(_parent.FullName, "demo");

    [SetUp]
    public void MakeFolder() => _parent = Directory.CreateTempSubdirectory("demo-");

    [TearDown]
    public void RemoveFolder() => _parent.Delete(recursive: true);

    [Test]
    public void What_an_earlier_run_left_is_gone_and_what_it_did_not_make_stays()
    {
        using (var first = DemoFolder.Open(Folder))
        {
            foreach (var file in new[] { first.Kubeconfig, first.Log, first.Manifest, first.Model, Path.Combine(Folder, "notes.txt") }) File.WriteAllText(file, "");
            foreach (var folder in new[] { first.Volumes, first.Nodes, first.KubectlCache }) Directory.CreateDirectory(Path.Combine(folder, "below"));
        }

        using var second = DemoFolder.Open(Folder);
        var left = Directory.EnumerateFileSystemEntries(Folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Folder, f));
        Assert.That(left, Is.EquivalentTo(new[] { "llmkube-demo", "model", "notes.txt" }));
    }

    [Test]
    public void Only_one_run_uses_it_at_a_time()
    {
        using (DemoFolder.Open(Folder)) Assert.That(() => DemoFolder.Open(Folder), Throws.TypeOf<CannotRunException>().With.Message.EqualTo($"Another program uses {Folder}: stop it first, or name another folder."));
        using var again = DemoFolder.Open(Folder);
        Assert.That(again.Path, Is.EqualTo(Folder));
    }

    [Test]
    public void A_folder_that_has_other_things_by_our_names_is_left_alone()
    {
        var mine = Path.Combine(Directory.CreateDirectory(Path.Combine(Folder, "nodes")).FullName, "mine.yaml");
        File.WriteAllText(mine, "");

        Assert.That(() => DemoFolder.Open(Folder), Throws.TypeOf<CannotRunException>().With.Message.EqualTo($"The folder {Folder} has things of someone else's (nodes), which would be removed: name another."));
        Assert.That(File.Exists(mine), Is.True);
    }

    [Test]
    public void A_path_that_is_no_folder_is_said()
    {
        File.WriteAllText(Folder, "");
        Assert.That(() => DemoFolder.Open(Folder), Throws.TypeOf<CannotRunException>().With.Message.StartsWith($"The folder {Folder} can't be used: "));
    }
}
