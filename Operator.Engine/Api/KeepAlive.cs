using k8s;

namespace LlmKube.Operator.Engine.Api;

/// <summary>Notices connections that are dead and were never closed, as a firewall leaves them behind.</summary>
internal static class KeepAlive
{
    // Together well under a minute, in which a half-open watch is to be replaced. client-go: 30 s and 15 s. The package has 3 min and 30 s.
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    /// <summary>Lets connections over HTTP/2 be asked for a sign of life when nothing has come for a while; what hangs on a dead one fails then.</summary>
    public static KubernetesClientConfiguration WithKeepAlive(this KubernetesClientConfiguration configuration)
    {
        configuration.FirstMessageHandlerSetup = Setup + configuration.FirstMessageHandlerSetup;
        return configuration;
    }

    private static void Setup(SocketsHttpHandler handler)
    {
        handler.KeepAlivePingDelay = Delay;
        handler.KeepAlivePingTimeout = Timeout;
    }
}
