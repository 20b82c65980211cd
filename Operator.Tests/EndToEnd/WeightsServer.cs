using System.Collections.Concurrent;
using LlmKube.Operator.LocalCluster.Demo;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary>Serves generated models over HTTP on loopback: a sound one, a cut one, a page where a model should be, and nothing at all.</summary>
internal sealed class WeightsServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weights-");
    private readonly ConcurrentQueue<string> _requests = new();

    private WeightsServer(WebApplication app) => _app = app;

    /// <summary>The paths that were asked for with GET, in order.</summary>
    public IEnumerable<string> Requests => _requests;

    public static async Task<WeightsServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new WeightsServer(app);
        app.MapGet("/{name}", server.Answer);
        await app.StartAsync();
        return server;
    }

    /// <summary>A model of this shape; its URL.</summary>
    public string Sound(string name, TinyModelSpec? spec = null)
    {
        TinyModel.WriteFile(PathOf(name), spec ?? new());
        return Url(name);
    }

    /// <summary>The first half of a model, offered as if it were all of it.</summary>
    public string Cut(string name)
    {
        Sound(name);
        using var file = File.OpenWrite(PathOf(name));
        file.SetLength(file.Length / 2);
        return Url(name);
    }

    /// <summary>What a portal answers that wants a login first: a page, with code 200.</summary>
    public string Page(string name)
    {
        File.WriteAllText(PathOf(name), "<!DOCTYPE html><html><body>Please sign in</body></html>");
        return Url(name);
    }

    public string Url(string name) => $"{_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()}/{name}";

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private IResult Answer(string name)
    {
        _requests.Enqueue($"/{name}");
        return File.Exists(PathOf(name)) ? Results.File(PathOf(name), "application/octet-stream", enableRangeProcessing: true) : Results.NotFound();
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, Path.GetFileName(name));
}
