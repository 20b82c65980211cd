using k8s.Exceptions;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Hosting;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Options;
using LlmKube.Operator.Plugin;
using LlmKube.Operator.Tracing;
using Prometheus;

// What prometheus-net would add by default has names that promtool refuses.
Prometheus.Metrics.SuppressDefaultMetrics(new SuppressDefaultMetricOptions { SuppressEventCounters = true, SuppressMeters = true, SuppressDebugMetrics = true });

var command = new OperatorCommand(RunAsync, OptionsReader.OfProcess(), DownloadCommand.Create(), RemoveCommand.Create(), MetricsCommand.Create(), OptionsDocument.Create(), new PluginCommand(TimeProvider.System).Create());
return await command.InvokeAsync(args, Console.Error);

static async Task<int> RunAsync(OperatorOptions options, CancellationToken cancellationToken)
{
    try
    {
        await using var app = OperatorApplication.Build(options with { Proxies = ProxyVariables.Of(Environment.GetEnvironmentVariable) });

        // The runtime would let them vanish.
        TaskScheduler.UnobservedTaskException += (_, unobserved) => app.Logger.Unobserved(unobserved.Exception);
        await app.RunAsync(cancellationToken);

        // They are told when what holds them is collected, which is now or never.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Environment.ExitCode;
    }
    catch (Exception e) when (e is KubeConfigException or YamlDotNet.Core.YamlException)
    {
        var file = options.Kubeconfig is { } named ? $"--kubeconfig {named}" : "the kubeconfig";
        await Console.Error.WriteLineAsync($"llmkube-operator: {file} can't be used: {e.Message.ReplaceLineEndings(" ")}");
        return 1;
    }
    catch (ServingCertificateException e)
    {
        await Console.Error.WriteLineAsync($"llmkube-operator: {e.Message}");
        return 1;
    }
    catch (TracingSettingException e)
    {
        await Console.Error.WriteLineAsync($"llmkube-operator: {e.Message}");
        return OperatorCommand.UsageError;
    }
    catch (Exception e) when (e is System.Net.Sockets.SocketException or IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException })
    {
        await Console.Error.WriteLineAsync($"llmkube-operator: can't listen: {e.Message}");
        return 1;
    }
}
