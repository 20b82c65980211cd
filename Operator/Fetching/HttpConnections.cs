using System.Net;

namespace LlmKube.Operator.Fetching;

/// <summary>How fetches connect. The one place where an address could be judged before it is connected to.</summary>
internal static class HttpConnections
{
    /// <summary>
    /// A handler that leaves redirects, encodings and cookies to its caller: each hop must be seen, and the bytes must be the file's own.
    /// Proxies come from the usual variables.
    /// </summary>
    public static SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(30),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };
}
