using System.CommandLine;
using LlmKube.Operator.LocalCluster.ApiServer;

namespace LlmKube.Operator.LocalCluster.Commands;

/// <summary>The verb <c>api-server</c>: the API server alone, until it is stopped.</summary>
internal static class ApiServerCommand
{
    public static Command Create()
    {
        var (port, kubeconfig) = (SharedOptions.Port(), SharedOptions.KubeconfigOut());
        var token = new Option<string?>("--token") { Description = "The administrator's bearer token; random if not given. Other users on this machine may see it in the process list: prefer --token-file." };
        var tokens = new Option<FileInfo?>("--token-file") { Description = "A CSV file of users: token,user,uid,\"group1,group2\"." };
        var history = SharedOptions.Number("--history", "How many changes of each resource are kept for watches.", new ApiServerOptions().History, 0, int.MaxValue);
        var command = new Command("api-server", "Run the API server alone.") { port, kubeconfig, token, tokens, history };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var logs = CommandLine.Logs();
            var options = new ApiServerOptions
            {
                Port = parsed.GetValue(port),
                AdminToken = parsed.GetValue(token),
                Tokens = parsed.GetValue(tokens) is { } file ? await ReadAsync(tokens.Name, file, cancellation) : [],
                Logging = logs,
                History = parsed.GetValue(history),
                RequestsKept = 0,
            };
            await using var host = await ApiServerHost.StartAsync(options, cancellation);
            await host.AnnounceAsync("Development API server (not Kubernetes; objects live in memory)", parsed, kubeconfig);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 0;
        });
        return command;
    }

    private static async Task<IReadOnlyList<ApiToken>> ReadAsync(string option, FileInfo file, CancellationToken cancellation)
    {
        try
        {
            return TokenFile.Parse(await File.ReadAllTextAsync(file.FullName, cancellation));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new OptionException(option, e);
        }
    }
}
