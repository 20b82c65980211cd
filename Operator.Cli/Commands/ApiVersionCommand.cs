using System.CommandLine;
using k8s;
using k8s.Models;
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
            var version = await VersionAsync(client, cancellation);
            await arguments.InvocationConfiguration.Output.WriteLineAsync($"{version.GitVersion} ({version.Platform})");
            return 0;
        });
        return command;
    }

    // The client's own GetCodeAsync asks for /version/, which not every API server answers; kubectl asks for /version.
    private static async Task<VersionInfo> VersionAsync(Kubernetes client, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(client.BaseUri, "version"));
        if (client.Credentials is { } credentials) await credentials.ProcessHttpRequestAsync(request, cancellation);
        using var response = await client.HttpClient.SendAsync(request, cancellation);
        response.EnsureSuccessStatusCode();
        return KubernetesJson.Deserialize<VersionInfo>(await response.Content.ReadAsStringAsync(cancellation));
    }
}
