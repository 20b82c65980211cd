using LlmKube.Operator.LocalCluster.Commands;

namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>The repository that this program was built from, and what else of it the demo uses.</summary>
internal static class Repository
{
    private const string Mark = "kustomization.yaml";

    /// <param name="given">The folder that the user named; null to walk up from the current one.</param>
    /// <exception cref="CannotRunException">It is none.</exception>
    public static string Find(string? given)
    {
        var candidates = given is null ? Tools.Upwards(Environment.CurrentDirectory).Concat(Tools.Upwards(AppContext.BaseDirectory)) : [Path.GetFullPath(given)];
        return candidates.FirstOrDefault(f => File.Exists(Path.Combine(f, Mark)))
            ?? throw new CannotRunException($"there is no {Mark} in {given ?? "the current folder or above it"}: run the demo in the repository, or name it with --root");
    }

    /// <summary>The operator as built beside this program, in the same configuration.</summary>
    public static string Operator(string root)
    {
        var build = new DirectoryInfo(AppContext.BaseDirectory);
        var path = Path.Combine(root, "Operator", "bin", build.Parent!.Name, build.Name, "LlmKube.Operator.dll");
        return File.Exists(path) ? path : throw new CannotRunException($"the operator is not built ({Path.GetRelativePath(root, path)} is missing): run make build");
    }

    /// <summary>What runs .NET programs: the one that runs this, if it is one of its own.</summary>
    /// <inheritdoc cref="Program" path="/exception"/>
    public static string Dotnet(string root) => Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : Program(root, "dotnet");

    /// <summary>A program that the demo runs.</summary>
    /// <exception cref="CannotRunException">There is none.</exception>
    public static string Program(string root, string name)
    {
        try
        {
            return Tools.Find(name, root);
        }
        catch (FileNotFoundException e)
        {
            throw new CannotRunException(e.Message);
        }
    }
}
