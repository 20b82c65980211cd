using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Threading.Channels;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Nodes;

/// <summary>
/// Brings log lines to the API server of this project, which has no kubelet to ask: POST to <c>pods/{name}/log</c>, PUT when a container
/// starts anew. Another API server refuses that; its pods' logs are then not to be had.
/// </summary>
internal sealed partial class PodLogWriter(ClusterApi api, ILogger logger)
{
    private const int MostWaiting = 20_000, LargestBatch = 64 * 1024;

    // A container is not held up by its log: lines that come faster than the server takes them are lost, and that is said.
    private readonly Channel<Piece> _pieces = Channel.CreateBounded<Piece>(MostWaiting);
    private int _lost;
    private volatile bool _takesNone;

    /// <summary>The few lines of a container that only pretends, all at once when it starts.</summary>
    public void Write(V1Pod pod, string container, IReadOnlyList<string> lines)
    {
        Restart(pod, container);
        Add(new(pod, container, string.Concat(lines.Select(l => l + "\n"))));
    }

    /// <summary>A line of a container. Once the server is known to take none, lines go nowhere.</summary>
    public void Write(V1Pod pod, string container, string line) => Add(new(pod, container, line + "\n"));

    /// <summary>The container starts anew: what there was becomes its previous log.</summary>
    public void Restart(V1Pod pod, string container) => Add(new(pod, container, null));

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (await _pieces.Reader.WaitToReadAsync(cancellation))
            {
                if (Interlocked.Exchange(ref _lost, 0) is > 0 and var lost) LogTooFast(logger, lost);
                if (await SendAsync(NextBatch(), cancellation)) continue;
                LogUnsupported(logger);
                _takesNone = true;
                while (_pieces.Reader.TryRead(out _)) { }
                return;
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // What is not sent yet is lost with the node.
        }
    }

    private void Add(Piece piece)
    {
        if (!_takesNone && !_pieces.Writer.TryWrite(piece)) Interlocked.Increment(ref _lost);
    }

    /// <summary>What waits of one container, in one request.</summary>
    private Piece NextBatch()
    {
        _pieces.Reader.TryRead(out var first);
        if (first!.Text is null) return first;
        var text = new StringBuilder(first.Text);
        while (text.Length < LargestBatch && _pieces.Reader.TryPeek(out var next) && next.Text is not null && next.Container == first.Container && next.Pod.Metadata.Uid == first.Pod.Metadata.Uid)
        {
            _pieces.Reader.TryRead(out _);
            text.Append(next.Text);
        }

        return first with { Text = text.ToString() };
    }

    /// <returns>False when the server takes no logs at all.</returns>
    private async Task<bool> SendAsync(Piece piece, CancellationToken cancellation)
    {
        var pod = piece.Pod;
        var path = $"api/v1/namespaces/{Uri.EscapeDataString(pod.Metadata.NamespaceProperty)}/pods/{Uri.EscapeDataString(pod.Metadata.Name)}/log?container={Uri.EscapeDataString(piece.Container)}";
        using var content = new StringContent(piece.Text ?? "", MediaTypeHeaderValue.Parse("text/plain"));
        try
        {
            using var answer = await api.SendAsync(piece.Text is null ? HttpMethod.Put : HttpMethod.Post, path, content, cancellation);
            if (answer.StatusCode is HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented or HttpStatusCode.UnsupportedMediaType) return false;
            if (!answer.IsSuccessStatusCode && answer.StatusCode is not HttpStatusCode.NotFound) LogRefused(logger, $"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}", (int)answer.StatusCode);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            LogLost(logger, $"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}", e);
            return true;
        }
    }

    [LoggerMessage(2401, LogLevel.Information, "This API server takes no logs from nodes")]
    private static partial void LogUnsupported(ILogger logger);

    [LoggerMessage(2404, LogLevel.Warning, "Log lines of {Pod} were refused with {Status}")]
    private static partial void LogRefused(ILogger logger, string pod, int status);

    [LoggerMessage(2403, LogLevel.Warning, "{Count} log lines came too fast and were lost")]
    private static partial void LogTooFast(ILogger logger, int count);

    [LoggerMessage(2402, LogLevel.Warning, "Log lines of {Pod} were lost")]
    private static partial void LogLost(ILogger logger, string pod, Exception cause);

    /// <param name="Text">Null when the container starts anew.</param>
    private sealed record Piece(V1Pod Pod, string Container, string? Text);
}
