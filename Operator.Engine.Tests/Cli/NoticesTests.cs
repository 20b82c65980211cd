namespace LlmKube.Operator.Engine.Tests.Cli;

/// <summary>The notices of shipped packages that <c>generate notices</c> prints.</summary>
[TestFixture]
internal sealed class NoticesTests
{
    private DirectoryInfo _folder = null!;

    [SetUp]
    public void Restore()
    {
        _folder = Directory.CreateTempSubdirectory("notices-");
        Write("introduction", "Notices\n");
        Write("project.assets.json", $$"""{"packageFolders":{"{{_folder.FullName}}/packages/":{} } }""");
        Write("app.deps.json", """
            {
              "targets": { "net": { "Shipped/1.2.3": { "runtime": { "lib/Shipped.dll": {} } }, "Bundle/1.0.0": { "dependencies": {} }, "App/1.0.0": { "runtime": {} } } },
              "libraries": { "Shipped/1.2.3": { "type": "package", "path": "shipped/1.2.3" }, "Bundle/1.0.0": { "type": "package", "path": "bundle/1.0.0" }, "App/1.0.0": { "type": "project" } }
            }
            """);
    }

    [TearDown]
    public void Remove() => _folder.Delete(recursive: true);

    [Test]
    public async Task What_is_loaded_is_listed_with_whose_it_is_and_what_it_says_of_others()
    {
        Package("""<license type="expression">MIT</license><copyright>(c) Somebody</copyright><projectUrl>https://somebody.example</projectUrl>""");
        Write("packages/shipped/1.2.3/THIRD-PARTY-NOTICES.TXT", "Parts of another.\r\n");

        var (code, notices, error) = await RunAsync();

        Assert.That((code, error), Is.EqualTo((0, "")));
        Assert.That(notices, Does.StartWith("Notices\n\nShipped 1.2.3\n  MIT, (c) Somebody\n  https://somebody.example\n\nThe licence MIT\n").And.Contain("Permission is hereby granted"));
        Assert.That(notices, Does.EndWith("\nWhat is in Shipped\n------------------\n\nParts of another.\n").And.Not.Contain("Apache-2.0").And.Not.Contain("Bundle"));
    }

    [TestCase("""<license type="expression">GPL-3.0-only</license><authors>x</authors>""", "Shipped is under GPL-3.0-only")]
    [TestCase("""<license type="file">LICENSE</license><authors>x</authors>""", "Shipped 1.2.3 names no licence by an SPDX expression")]
    [TestCase("""<license type="expression">MIT</license>""", "Shipped 1.2.3 does not say whose it is")]
    [TestCase(null, "Shipped 1.2.3 is not restored")]
    public async Task What_may_not_be_shipped_unseen_is_a_mistake(string? metadata, string problem)
    {
        if (metadata is not null) Package(metadata);

        var (code, _, error) = await RunAsync();

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.Contain(problem));
    }

    private void Package(string metadata) => Write("packages/shipped/1.2.3/shipped.nuspec", $"""<package xmlns="any"><metadata>{metadata}</metadata></package>""");

    private void Write(string path, string text)
    {
        var file = Path.Combine(_folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private Task<(int Code, string Output, string Error)> RunAsync() => CommandLineTests.RunAsync(
        "generate", "notices", Path.Combine(_folder.FullName, "app.deps.json"), Path.Combine(_folder.FullName, "project.assets.json"), "--introduction", Path.Combine(_folder.FullName, "introduction"));
}
