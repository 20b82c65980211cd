using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>What is run in a container's place.</summary>
/// <param name="Program">An absolute path.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Environment">All of its environment.</param>
/// <param name="WorkingFolder">Where it starts.</param>
/// <param name="Rewriter">Knows the container's paths and addresses.</param>
internal sealed record ContainerLaunch(string Program, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, string WorkingFolder, Rewriter Rewriter)
{
    /// <summary>Builds it as a container runtime does: the command takes the place of the image's program, the arguments follow.</summary>
    /// <param name="container">The container.</param>
    /// <param name="image">What stands for its image.</param>
    /// <param name="variables">Its variables.</param>
    /// <param name="rewriter">Knows its paths and addresses.</param>
    /// <param name="host">What every process here has; the container's own variables come before these. HOME is where it starts.</param>
    /// <exception cref="FileNotFoundException">There is no such program; the message is a container runtime's.</exception>
    public static ContainerLaunch Build(
        V1Container container, ImageProgram image, IReadOnlyDictionary<string, string> variables, Rewriter rewriter, IReadOnlyDictionary<string, string> host)
    {
        var environment = new Dictionary<string, string>(host);
        foreach (var (name, value) in variables) environment[name] = rewriter.Apply(value);
        var arguments = Words(container.Args);
        var working = container.WorkingDir is { Length: > 0 } dir && rewriter.Apply(dir) is var there && Directory.Exists(there) ? there : host["HOME"];
        if (container.Command is not { Count: > 0 })
        {
            return new(Find(image.Program, environment), [.. image.Arguments, .. arguments], environment, working, rewriter);
        }

        var command = Words(container.Command);
        var isImages = Path.GetFileName(command[0]) == Path.GetFileName(image.Program);
        return new(Find(isImages ? image.Program : command[0], environment), [.. command.Skip(1), .. arguments], environment, working, rewriter);

        List<string> Words(IList<string>? words) => [.. (words ?? []).Select(w => rewriter.Apply(VariableExpansion.Expand(w, variables)))];
    }

    /// <summary>The same surroundings for another command: that of a probe or a hook.</summary>
    /// <exception cref="FileNotFoundException">There is no such program.</exception>
    public ContainerLaunch With(IReadOnlyList<string> command) =>
        this with { Program = Find(Rewriter.Apply(command[0]), Environment), Arguments = [.. command.Skip(1).Select(Rewriter.Apply)] };

    private static string Find(string program, IReadOnlyDictionary<string, string> environment)
    {
        var isPath = program.Contains('/', StringComparison.Ordinal);
        var candidates = isPath
            ? [Path.GetFullPath(program)]
            : (environment.GetValueOrDefault("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(p => Path.Combine(p, program)).ToArray();
        if (candidates.FirstOrDefault(IsExecutable) is { } found) return found;
        var why = candidates.Any(File.Exists) ? "permission denied" : isPath ? "stat: no such file or directory" : "executable file not found in $PATH";
        throw new FileNotFoundException($"exec: \"{program}\": {why}");
    }

    private static bool IsExecutable(string file) =>
        File.Exists(file) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
