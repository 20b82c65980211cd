using System.CommandLine;
using Microsoft.Extensions.Logging.Console;

namespace LlmKube.Operator.LocalCluster.ApiServer.Hosting;

/// <summary>The verb <c>api-server</c>: runs the API server until it is stopped.</summary>
internal static class ApiServerCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "The port on 127.0.0.1; 0 takes any that is free.", DefaultValueFactory = _ => 6443 };
        var kubeconfig = new Option<string>("--kubeconfig-out") { Description = "Where to write the administrator's kubeconfig (readable by you alone).", DefaultValueFactory = _ => "kubeconfig" };
        var token = new Option<string?>("--token") { Description = "The administrator's bearer token; random if not given. Other users on this machine may see it in the process list: prefer --token-file." };
        var tokens = new Option<FileInfo?>("--token-file") { Description = "A CSV file of users: token,user,uid,\"group1,group2\"." };
        var history = new Option<int>("--history") { Description = "How many changes of each resource are kept for watches.", DefaultValueFactory = _ => new ApiServerOptions().History };
        port.Validators.Add(r => { if (r.GetValueOrDefault<int>() is < 0 or > 65535) r.AddError("--port must be between 0 and 65535."); });
        history.Validators.Add(r => { if (r.GetValueOrDefault<int>() < 0) r.AddError("--history must not be negative."); });
        var command = new Command("api-server", "Run the API server alone.") { port, kubeconfig, token, tokens, history };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var logging = LoggerFactory.Create(log => log.AddFilter("Microsoft", LogLevel.Warning).AddSimpleConsole(c => c.ColorBehavior = LoggerColorBehavior.Disabled));
            try
            {
                var options = new ApiServerOptions
                {
                    Port = parsed.GetValue(port),
                    AdminToken = parsed.GetValue(token),
                    Tokens = parsed.GetValue(tokens) is { } file ? TokenFile.Parse(await File.ReadAllTextAsync(file.FullName, cancellation)) : [],
                    Logging = logging,
                    History = parsed.GetValue(history),
                };
                await using var host = await ApiServerHost.StartAsync(options, cancellation);
                host.WriteKubeconfig(parsed.GetValue(kubeconfig)!);
                await parsed.InvocationConfiguration.Output.WriteLineAsync(
                    $"Development API server (not Kubernetes; objects live in memory) on {host.Address}\nexport KUBECONFIG={Path.GetFullPath(parsed.GetValue(kubeconfig)!)}");
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return 0;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"The API server can't start: {e.Message}");
                return 1;
            }
        });
        return command;
    }
}
