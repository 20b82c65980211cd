using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace LlmKube.Operator.Fetching;

/// <summary>How fetches connect. Each address is judged at the moment when it is connected to, so that a name that resolves to another one a moment later gains nothing.</summary>
/// <param name="policy">Which addresses may be connected to.</param>
/// <param name="proxy">Whom the usual variables name, <see cref="HttpClient.DefaultProxy"/>. Its own address is the administrator's choice and not judged.</param>
/// <param name="trust">Whom TLS trusts; null: whom the system trusts.</param>
internal sealed class HttpConnections(AddressPolicy policy, IWebProxy proxy, X509ChainPolicy? trust)
{
    /// <summary>A handler that leaves redirects, encodings and cookies to its caller: each hop must be seen, and the bytes must be the file's own.</summary>
    public SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        Proxy = proxy,
        ConnectTimeout = TimeSpan.FromSeconds(30),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectCallback = ConnectAsync,
        SslOptions = { CertificateChainPolicy = trust },
    };

    /// <summary>Checks a hop before it is asked for, as far as that can be told from its name. What connects by itself is judged when it does.</summary>
    /// <exception cref="AddressRefusedException">A proxy would be asked for what is not allowed.</exception>
    public void CheckHop(Uri url)
    {
        if (IsProxied(url) && policy.RefuseByName(url.IdnHost) is { } why) throw new AddressRefusedException(why);
    }

    private bool IsProxied(Uri url) => !proxy.IsBypassed(url) && proxy.GetProxy(url) is { } by && by != url;

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);

        // To the proxy goes what is asked through it: a request itself, or CONNECT for a tunnel, which the handler makes of it.
        var request = context.InitialRequestMessage;
        var isToProxy = request.Method == HttpMethod.Connect || IsProxied(request.RequestUri!);
        if (!isToProxy) addresses = Allowed(host, addresses);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private IPAddress[] Allowed(string host, IPAddress[] addresses)
    {
        var judged = addresses.Select(a => (Address: a, Why: policy.Refuse(host, a))).ToList();
        var allowed = judged.Where(j => j.Why is null).Select(j => j.Address).ToArray();
        return allowed.Length > 0 || judged.Count == 0 ? allowed : throw new AddressRefusedException($"{host}: {judged[0].Why}");
    }
}

/// <summary>An address may not be connected to.</summary>
internal sealed class AddressRefusedException(string message) : Exception(message);
