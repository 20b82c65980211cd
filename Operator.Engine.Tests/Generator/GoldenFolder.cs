using System.Reflection;

namespace LlmKube.Operator.Engine.Tests.Generator;

/// <summary>Checked-in output. Run the tests with UPDATE_GOLDEN=1 to write it anew, and read the difference.</summary>
internal static class GoldenFolder
{
    private static readonly string Root = typeof(GoldenFolder).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "GoldenFolder").Value!;

    /// <summary>Asserts that the folder holds these files and no others.</summary>
    public static void Check(string folder, IReadOnlyDictionary<string, string> files)
    {
        var path = Path.Combine(Root, folder);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Write(path, files);
        }

        var expected = Directory.GetFiles(path).ToDictionary(file => Path.GetFileName(file), File.ReadAllText);
        Assert.That(files.ToDictionary(file => file.Key + ".txt", file => file.Value), Is.EquivalentTo(expected));
    }

    private static void Write(string path, IReadOnlyDictionary<string, string> files)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        Directory.CreateDirectory(path);
        foreach (var (name, text) in files)
        {
            // Not .cs: that would be compiled into this project.
            File.WriteAllText(Path.Combine(path, name + ".txt"), text);
        }
    }
}
