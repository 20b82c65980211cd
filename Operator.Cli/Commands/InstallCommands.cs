using System.CommandLine;
using System.Text.Json.Nodes;
using LlmKube.Operator.Cli.Assemblies;
using LlmKube.Operator.Cli.Cluster;
using LlmKube.Operator.Cli.Crds;

namespace LlmKube.Operator.Cli.Commands;

/// <summary><c>install</c> and <c>uninstall</c>: CRDs into the current kube context and out of it.</summary>
internal static class InstallCommands
{
    public static Command Install(TimeProvider time) => Create(
        "install", "i", "Apply the CustomResourceDefinitions of built assemblies to a cluster and wait until they are served.",
        "Take over fields that another field manager has set.",
        time,
        async (installer, crd, force, console, cancellation) =>
        {
            await installer.InstallAsync(crd, force, cancellation);
            await console.WriteLineAsync($"{CrdBuilder.NameOf(crd)} installed");
        });

    public static Command Uninstall(TimeProvider time) => Create(
        "uninstall", "u", "Delete the CustomResourceDefinitions of built assemblies from a cluster.",
        "Delete them though there are objects of their kinds, which go with them.",
        time,
        async (installer, crd, force, console, cancellation) =>
        {
            var existed = await installer.UninstallAsync(crd, force, cancellation);
            await console.WriteLineAsync($"{CrdBuilder.NameOf(crd)} {(existed ? "uninstalled" : "was not installed")}");
        });

    private static Command Create(
        string name, string alias, string description, string meaningOfForce, TimeProvider time,
        Func<CrdInstaller, JsonObject, bool, TextWriter, CancellationToken, Task> act)
    {
        var assemblies = AssemblyArgument.Create();
        var force = new Option<bool>("--force", "-f") { Description = meaningOfForce };
        var cluster = new ClusterOptions();
        var command = new Command(name, description) { assemblies, force, cluster.Timeout };
        command.Aliases.Add(alias);
        cluster.AddTo(command);
        command.SetAction(async (arguments, cancellation) =>
        {
            using var set = AssemblySet.Open(arguments.GetRequiredValue(assemblies));
            using var client = cluster.Connect(arguments);
            var installer = new CrdInstaller(client, new(time, TimeSpan.FromSeconds(arguments.GetValue(cluster.Timeout))));
            foreach (var crd in CrdBuilder.Build(set))
            {
                await act(installer, crd, arguments.GetValue(force), arguments.InvocationConfiguration.Output, cancellation);
            }

            return 0;
        });
        return command;
    }
}
