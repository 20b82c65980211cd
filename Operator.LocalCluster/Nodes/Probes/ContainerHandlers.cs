using System.Globalization;
using System.Net.Sockets;
using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Nodes.Probes;

/// <summary>What probes and lifecycle hooks do to a container. Each answers with what went wrong, or null.</summary>
/// <param name="container">The container.</param>
/// <param name="address">Its pod's address.</param>
/// <param name="http">Connects anew for each request.</param>
/// <param name="execute">Runs a command in the container's surroundings: exit code and output.</param>
internal sealed class ContainerHandlers(V1Container container, string address, HttpMessageInvoker http, Func<IReadOnlyList<string>, CancellationToken, Task<(int Code, string Output)>> execute)
{
    /// <summary>A probe's check.</summary>
    public Task<string?> CheckAsync(V1Probe probe, CancellationToken cancellation) => TryAsync(probe switch
    {
        { HttpGet: { } get } => () => GetAsync(get, cancellation),
        { TcpSocket: { } socket } => () => ConnectAsync(socket.Host, socket.Port, cancellation),
        { Exec: { } command } => () => ExecuteAsync(command.Command, cancellation),
        _ => () => Task.FromResult<string?>("the probe names no check"),
    }, cancellation);

    /// <summary>A hook before the end or after the start.</summary>
    public Task<string?> RunAsync(V1LifecycleHandler hook, TimeProvider time, CancellationToken cancellation) => TryAsync(hook switch
    {
        { HttpGet: { } get } => () => GetAsync(get, cancellation),
        { Exec: { } command } => () => ExecuteAsync(command.Command, cancellation),
        { TcpSocket: { } socket } => () => ConnectAsync(socket.Host, socket.Port, cancellation),
        { Sleep: { } sleep } => () => SleepAsync(sleep, time, cancellation),
        _ => () => Task.FromResult<string?>("the hook names no action"),
    }, cancellation);

    /// <summary>Whatever goes wrong is an answer: an exception would leave the container without its probes.</summary>
    private static async Task<string?> TryAsync(Func<Task<string?>> action, CancellationToken cancellation)
    {
        try
        {
            return await action();
        }
#pragma warning disable CA1031 // Hosts, headers and commands are the user's, and make errors of many kinds.
        catch (Exception e) when (!cancellation.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return e.Message;
        }
    }

    private static async Task<string?> SleepAsync(V1SleepAction sleep, TimeProvider time, CancellationToken cancellation)
    {
        await Task.Delay(TimeSpan.FromSeconds(sleep.Seconds), time, cancellation);
        return null;
    }

    // As the kubelet sees it: 200 to 399 is success.
    private async Task<string?> GetAsync(V1HTTPGetAction get, CancellationToken cancellation)
    {
        if (PortOf(get.Port) is not { } port) return $"the container has no port {get.Port.Value}";
        var scheme = (get.Scheme ?? "HTTP").ToLowerInvariant();
        var path = get.Path is { Length: > 0 } given ? given.TrimStart('/') : "";
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{scheme}://{Host(get.Host)}:{port.ToString(CultureInfo.InvariantCulture)}/{path}"));
        request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/local");
        foreach (var header in get.HttpHeaders ?? [])
        {
            if (header.Name.Equals("Host", StringComparison.OrdinalIgnoreCase)) request.Headers.Host = header.Value;
            else request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        try
        {
            using var answer = await http.SendAsync(request, cancellation);
            return (int)answer.StatusCode is >= 200 and < 400 ? null : $"HTTP probe failed with statuscode: {(int)answer.StatusCode}";
        }
        catch (HttpRequestException e)
        {
            return $"Get \"{request.RequestUri}\": {e.Message}";
        }
    }

    private async Task<string?> ConnectAsync(string? host, IntOrString at, CancellationToken cancellation)
    {
        if (PortOf(at) is not { } port) return $"the container has no port {at.Value}";
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(Host(host), port, cancellation);
            return null;
        }
        catch (SocketException e)
        {
            return $"dial tcp {Host(host)}:{port.ToString(CultureInfo.InvariantCulture)}: {e.Message}";
        }
    }

    private async Task<string?> ExecuteAsync(IList<string> command, CancellationToken cancellation)
    {
        if (command is not { Count: > 0 }) return "the command is empty";
        var (code, output) = await execute([.. command], cancellation);
        return code == 0 ? null : $"command exited with {code}: {output}";
    }

    private string Host(string? given) => given is { Length: > 0 } ? given : address;

    private int? PortOf(IntOrString port) => int.TryParse(port.Value, CultureInfo.InvariantCulture, out var number)
        ? number
        : container.Ports?.FirstOrDefault(p => p.Name == port.Value)?.ContainerPort;
}
