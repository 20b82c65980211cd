using System.Net;
using System.Net.Http.Headers;
using System.Threading.Channels;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Nodes;

/// <summary>
/// Brings log lines to the API server of this project, which has no kubelet to ask: POST to <c>pods/{name}/log</c>.
/// Another API server refuses that; its pods' logs are then not to be had.
/// </summary>
internal sealed partial class PodLogWriter(ClusterApi api, ILogger logger)
{
    private readonly Channel<(V1Pod Pod, string Container, IReadOnlyList<string> Lines)> _lines = Channel.CreateUnbounded<(V1Pod, string, IReadOnlyList<string>)>();

    public void Write(V1Pod pod, string container, IReadOnlyList<string> lines) => _lines.Writer.TryWrite((pod, container, lines));

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var (pod, container, lines) in _lines.Reader.ReadAllAsync(cancellation))
            {
                if (await SendAsync(pod, container, lines, cancellation)) continue;
                LogUnsupported(logger);
                return;
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
    }

    /// <returns>False when the server takes no logs at all.</returns>
    private async Task<bool> SendAsync(V1Pod pod, string container, IReadOnlyList<string> lines, CancellationToken cancellation)
    {
        var path = $"api/v1/namespaces/{Uri.EscapeDataString(pod.Metadata.NamespaceProperty)}/pods/{Uri.EscapeDataString(pod.Metadata.Name)}/log?container={Uri.EscapeDataString(container)}";
        using var content = new StringContent(string.Concat(lines.Select(l => l + "\n")), MediaTypeHeaderValue.Parse("text/plain"));
        try
        {
            using var answer = await api.SendAsync(HttpMethod.Post, path, content, cancellation);
            return answer.StatusCode is not (HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented or HttpStatusCode.UnsupportedMediaType);
        }
        catch (HttpRequestException e)
        {
            LogLost(logger, $"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}", e);
            return true;
        }
    }

    [LoggerMessage(2401, LogLevel.Information, "This API server takes no logs from nodes")]
    private static partial void LogUnsupported(ILogger logger);

    [LoggerMessage(2402, LogLevel.Warning, "Log lines of {Pod} were lost")]
    private static partial void LogLost(ILogger logger, string pod, Exception cause);
}
