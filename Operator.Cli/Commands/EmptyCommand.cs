using System.CommandLine;
using LlmKube.Operator.Cli.Assemblies;
using LlmKube.Operator.Cli.Cluster;
using LlmKube.Operator.Cli.Crds;

namespace LlmKube.Operator.Cli.Commands;

/// <summary><c>empty</c>: all objects of the kinds out of a cluster, while the operator is there that their finalizers need.</summary>
internal static class EmptyCommand
{
    public static Command Create(TimeProvider time)
    {
        var assemblies = AssemblyArgument.Create();
        var force = new Option<bool>("--force", "-f") { Description = "Delete them. Without it, objects are an error that names how many there are." };
        var space = new Option<string?>("--namespace", "-n") { Description = "The namespace to empty. Default: all." };
        var cluster = new ClusterOptions();
        var command = new Command("empty", "Delete all objects of the kinds that built assemblies define, a kind after the other in the order of their names, and wait until they are gone.")
        {
            assemblies, force, space, cluster.Timeout,
        };
        cluster.AddTo(command);
        command.SetAction(async (arguments, cancellation) =>
        {
            using var set = AssemblySet.Open(arguments.GetRequiredValue(assemblies));
            using var client = cluster.Connect(arguments);
            var patience = new Patience(time, TimeSpan.FromSeconds(arguments.GetValue(cluster.Timeout)));
            var kinds = CrdBuilder.Build(set).Select(crd => (Name: CrdBuilder.NameOf(crd), Objects: DefinedObjects.Of(client, crd, arguments.GetValue(space)))).ToList();
            if (!arguments.GetValue(force)) await RefuseAsync(kinds, cancellation);
            foreach (var (name, objects) in kinds)
            {
                await arguments.InvocationConfiguration.Output.WriteLineAsync($"{name}: {await objects.DeleteAsync(patience, cancellation)} object(s) deleted");
            }

            return 0;
        });
        return command;
    }

    // Before anything is deleted, and of all kinds at once.
    private static async Task RefuseAsync(IReadOnlyList<(string Name, DefinedObjects Objects)> kinds, CancellationToken cancellation)
    {
        var there = new List<string>();
        foreach (var (name, objects) in kinds)
        {
            if (await objects.CountAsync(cancellation) is > 0 and var count) there.Add($"{name}: {count} object(s)");
        }

        if (there.Count > 0) throw new CliException($"{string.Join(", ", there)} would be deleted; --force deletes them");
    }
}
