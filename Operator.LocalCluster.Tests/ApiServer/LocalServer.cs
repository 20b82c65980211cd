using k8s;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.LocalCluster.Tests.Conformance;

namespace LlmKube.Operator.LocalCluster.Tests.ApiServer;

/// <summary>A server of one test, with plain HTTP to it as any of its users.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    public const string ReaderToken = "reader-token";

    private readonly List<Kubernetes> _clients = [];

    private LocalServer(ApiServerHost host)
    {
        Host = host;
        Admin = As(host.AdminToken);
    }

    public ApiServerHost Host { get; }

    public RawApi Admin { get; }

    public static async Task<LocalServer> StartAsync(ApiServerOptions? options = null) =>
        new(await ApiServerHost.StartAsync((options ?? new()) with { Tokens = [new(ReaderToken, "system:serviceaccount:default:reader", "system:serviceaccounts")] }));

    public RawApi As(string? token)
    {
        var configuration = Host.ClientConfiguration(token);
        if (token is null) configuration.AccessToken = null;
        _clients.Add(new Kubernetes(configuration));
        return new RawApi(_clients[^1], "default");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) client.Dispose();
        await Host.DisposeAsync();
    }
}
