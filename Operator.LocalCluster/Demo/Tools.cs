namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>The programs beside this one: what <c>make tools</c> put into <c>.tools/bin</c> of the repository, else what PATH has.</summary>
internal static class Tools
{
    /// <param name="start">The folder from which to walk up to the repository.</param>
    /// <exception cref="FileNotFoundException">The program is in neither; the message says what to do.</exception>
    public static string Find(string program, string start) =>
        Upwards(start).Select(f => Path.Combine(f, ".tools", "bin"))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            .Select(f => Path.Combine(f, program))
            .FirstOrDefault(File.Exists) ?? throw new FileNotFoundException($"{program} is not installed: run make tools");

    /// <summary>From a folder of the build, so that tests and demo find the same ones.</summary>
    public static string Find(string program) => Find(program, AppContext.BaseDirectory);

    /// <summary>The folder and those above it.</summary>
    public static IEnumerable<string> Upwards(string folder)
    {
        for (var current = new DirectoryInfo(folder); current is not null; current = current.Parent) yield return current.FullName;
    }
}
