using System.Net;
using System.Net.Sockets;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Nodes.Probes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.LocalCluster.Tests.Nodes.Probes;

/// <summary>Checks and hooks against real sockets.</summary>
public sealed class ContainerHandlersTests
{
    private static readonly HttpMessageInvoker s_http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private WebApplication _server = null!;
    private int _port;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Map("/status/{code:int}", (int code) => Results.StatusCode(code));
        _server.Map("/asked", (HttpRequest request) => request.Host.Value == "model.example" && request.Headers["X-Probe"] == "yes" ? Results.Ok() : Results.BadRequest());
        await _server.StartAsync();
        _port = new Uri(_server.Urls.First()).Port;
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _server.DisposeAsync();

    [TestCase(200, null)]
    [TestCase(302, null)]
    [TestCase(399, null)]
    [TestCase(404, "HTTP probe failed with statuscode: 404")]
    [TestCase(503, "HTTP probe failed with statuscode: 503")]
    public async Task From_200_to_399_is_well(int status, string? wrong) => Assert.That(await CheckAsync(Get($"/status/{status}")), Is.EqualTo(wrong));

    [Test]
    public async Task Headers_and_the_named_port_are_the_probes()
    {
        var get = Get("/asked");
        get.HttpGet.Port = "web";
        get.HttpGet.HttpHeaders = [new() { Name = "Host", Value = "model.example" }, new() { Name = "X-Probe", Value = "yes" }];
        Assert.That(await CheckAsync(get), Is.Null);
        get.HttpGet.Port = "none";
        Assert.That(await CheckAsync(get), Is.EqualTo("the container has no port none"));
    }

    [Test]
    public async Task A_port_that_is_listened_on_is_well_and_another_is_not()
    {
        Assert.That(await CheckAsync(new() { TcpSocket = new() { Port = _port } }), Is.Null);
        using var reserved = new Socket(SocketType.Stream, ProtocolType.Tcp); // Bound, so that nobody else listens there.
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.That(await CheckAsync(new() { TcpSocket = new() { Port = ((IPEndPoint)reserved.LocalEndPoint!).Port } }), Does.Contain("refused"));
    }

    [TestCase(0, null)]
    [TestCase(7, "command exited with 7: ill")]
    public async Task A_command_says_it_by_its_exit_code(int code, string? wrong) =>
        Assert.That(await CheckAsync(new() { Exec = new() { Command = ["check"] } }, (_, _) => Task.FromResult((code, "ill"))), Is.EqualTo(wrong));

    [Test]
    public async Task What_the_user_got_wrong_is_an_answer_and_no_exception()
    {
        Assert.That(await CheckAsync(new() { HttpGet = new() { Host = "no host", Port = 1 } }), Is.Not.Null);
        Assert.That(await CheckAsync(new() { Exec = new() { Command = [] } }), Is.EqualTo("the command is empty"));
        Assert.That(await CheckAsync(new() { Exec = new() { Command = ["x"] } }, (_, _) => throw new FileNotFoundException("exec: \"x\": not found")), Is.EqualTo("exec: \"x\": not found"));
        Assert.That(await CheckAsync(new()), Is.EqualTo("the probe names no check"));
    }

    [Test]
    public async Task A_hook_may_just_wait()
    {
        var time = new FakeTimeProvider();
        var running = Handlers(null).RunAsync(new() { Sleep = new() { Seconds = 30 } }, time, CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.That(running.IsCompleted, Is.False);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await running, Is.Null);
    }

    private V1Probe Get(string path) => new() { HttpGet = new() { Path = path, Port = _port } };

    private Task<string?> CheckAsync(V1Probe probe, Func<IReadOnlyList<string>, CancellationToken, Task<(int Code, string Output)>>? execute = null) =>
        Handlers(execute).CheckAsync(probe, CancellationToken.None);

    private ContainerHandlers Handlers(Func<IReadOnlyList<string>, CancellationToken, Task<(int Code, string Output)>>? execute) => new(
        new V1Container { Name = "main", Ports = [new() { Name = "web", ContainerPort = _port }] }, "127.0.0.1", s_http, execute ?? ((_, _) => Task.FromResult((0, ""))));
}
