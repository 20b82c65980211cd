using System.Net;
using LlmKube.Operator.LocalCluster.Networking;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.LocalCluster.Tests.Networking;

/// <summary>A web server at a pod's address, as a pod would be.</summary>
internal sealed class Backend : IAsyncDisposable
{
    public const int Port = 8000;
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _finish = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _answers;

    private Backend(string address)
    {
        Address = address;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Parse(address), Port));
        _app = builder.Build();
        _app.MapGet("/", () =>
        {
            Interlocked.Increment(ref _answers);
            return address;
        });
        _app.MapGet("/stream", async http =>
        {
            await http.Response.WriteAsync("first\n");
            await http.Response.Body.FlushAsync();
            await _finish.Task;
            await http.Response.WriteAsync("last\n");
        });
    }

    public string Address { get; }

    /// <summary>How many requests for / were answered.</summary>
    public int Answers => Volatile.Read(ref _answers);

    public static async Task<Backend> StartAsync(LoopbackNetwork network)
    {
        var backend = new Backend(network.TakePodAddress());
        await backend._app.StartAsync();
        return backend;
    }

    /// <summary>Lets the streams send their last line.</summary>
    public void Finish() => _finish.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Finish();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
