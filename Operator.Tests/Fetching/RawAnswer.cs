using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace LlmKube.Operator.Tests.Fetching;

/// <summary>Answers below HTTP, as Kestrel itself would never do.</summary>
internal static class RawAnswer
{
    /// <summary>Announces one length, sends another, and closes the connection in order.</summary>
    public static async Task EndEarlyAsync(HttpContext context, byte[] body, long announced)
    {
        var connection = context.Features.Get<IConnectionTransportFeature>()!.Transport;
        var head = $"HTTP/1.1 200 OK\r\nContent-Length: {announced}\r\nETag: {context.Response.Headers.ETag}\r\nConnection: close\r\n\r\n";
        await connection.Output.WriteAsync(Encoding.ASCII.GetBytes(head));
        await connection.Output.WriteAsync(body);
        await connection.Output.CompleteAsync();
    }
}
