using System.Reflection;

namespace LlmKube.Operator.Tests;

/// <summary>Compares with files under Golden/. UPDATE_GOLDEN=1 rewrites them; the review reads the difference.</summary>
internal static class Golden
{
    private static readonly string Folder = typeof(Golden).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "GoldenFolder").Value!;

    /// <summary>What a file holds.</summary>
    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name));

    public static void Match(string name, string actual)
    {
        var path = Path.Combine(Folder, name);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        Assert.That(actual, Is.EqualTo(File.ReadAllText(path)), $"differs from {name}; UPDATE_GOLDEN=1 rewrites it");
    }
}
