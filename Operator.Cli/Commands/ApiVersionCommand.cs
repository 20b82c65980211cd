using System.CommandLine;
using k8s;
using LlmKube.Operator.Cli.Cluster;

namespace LlmKube.Operator.Cli.Commands;

/// <summary><c>api-version</c>: the version of the API server.</summary>
internal static class ApiVersionCommand
{
    public static Command Create()
    {
        var cluster = new ClusterOptions();
        var command = new Command("api-version", "Print the version of the cluster's API server.");
        command.Aliases.Add("av");
        cluster.AddTo(command);
        command.SetAction(async (arguments, cancellation) =>
        {
            using var client = cluster.Connect(arguments);
            var version = await client.Version.GetCodeAsync(cancellation);
            await arguments.InvocationConfiguration.Output.WriteLineAsync($"{version.GitVersion} ({version.Platform})");
            return 0;
        });
        return command;
    }
}
