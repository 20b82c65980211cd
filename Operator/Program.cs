using k8s.Exceptions;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Hosting;
using LlmKube.Operator.Options;
using Prometheus;

// What prometheus-net would add by default has names that promtool refuses.
Metrics.SuppressDefaultMetrics(new SuppressDefaultMetricOptions { SuppressEventCounters = true, SuppressMeters = true, SuppressDebugMetrics = true });

return await OperatorCommand.InvokeAsync(OperatorCommand.Create(RunAsync, DownloadCommand.Create()), args, Console.Error);

static async Task<int> RunAsync(OperatorOptions options, CancellationToken cancellationToken)
{
    try
    {
        await using var app = OperatorApplication.Build(options);
        await app.RunAsync(cancellationToken);
        return Environment.ExitCode;
    }
    catch (KubeConfigException e)
    {
        await Console.Error.WriteLineAsync($"llmkube-operator: the kubeconfig can't be used: {e.Message.ReplaceLineEndings(" ")}");
        return 1;
    }
    catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
    {
        await Console.Error.WriteLineAsync($"llmkube-operator: can't listen: {e.Message}");
        return 1;
    }
}
