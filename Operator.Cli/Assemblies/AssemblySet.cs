using System.Reflection;
using System.Runtime.InteropServices;
using LlmKube.Operator.Cli.Commands;

namespace LlmKube.Operator.Cli.Assemblies;

/// <summary>Built assemblies, read as metadata: none of their code runs.</summary>
internal sealed class AssemblySet : IDisposable
{
    private readonly MetadataLoadContext _context;

    private AssemblySet(MetadataLoadContext context, IReadOnlyList<Assembly> assemblies)
    {
        _context = context;
        Assemblies = assemblies;
    }

    public IReadOnlyList<Assembly> Assemblies { get; }

    /// <summary>Every type of the assemblies that were named, ordered by name; not those of their references.</summary>
    public IReadOnlyList<Type> Types => [.. Assemblies.SelectMany(a => a.GetTypes()).OrderBy(t => t.FullName, StringComparer.Ordinal)];

    /// <summary>
    /// Opens assemblies. References are looked for beside them, in the shared frameworks of this runtime and, since a library's
    /// packages aren't copied beside it, beside this program.
    /// </summary>
    public static AssemblySet Open(IReadOnlyCollection<string> paths)
    {
        if (paths.FirstOrDefault(p => !File.Exists(p)) is { } missing) throw new CliException($"assembly {missing} does not exist: build it first");

        var named = paths.Select(Path.GetFullPath).Distinct().ToArray();
        var beside = named.Select(p => Path.GetDirectoryName(p)!).Distinct().SelectMany(Libraries);
        var candidates = named.Concat(beside).Concat(SharedFrameworks()).Concat(Libraries(AppContext.BaseDirectory)).DistinctBy(Path.GetFileName);
        var context = new MetadataLoadContext(new PathAssemblyResolver(candidates));
        return new AssemblySet(context, [.. named.Select(path => Load(context, path))]);
    }

    public void Dispose() => _context.Dispose();

    private static Assembly Load(MetadataLoadContext context, string path)
    {
        try
        {
            return context.LoadFromAssemblyPath(path);
        }
        catch (BadImageFormatException e)
        {
            throw new CliException($"{path} is not a .NET assembly", e);
        }
    }

    private static IEnumerable<string> SharedFrameworks()
    {
        var runtime = Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory());
        var aspNet = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(runtime))!, "Microsoft.AspNetCore.App");
        return Libraries(runtime).Concat(Libraries(Path.Combine(aspNet, Path.GetFileName(runtime))));
    }

    private static string[] Libraries(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder, "*.dll") : [];
}
