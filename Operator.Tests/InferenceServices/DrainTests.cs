using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>The script that lets a server finish what it is answering, run by sh and curl against a server that answers on cue.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class DrainTests
{
    private const string Key = "s3cret";

    private sealed record Answer(int Processing, int Deferred = 0, int Code = 200)
    {
        public string Body => Code != 200 ? """{"error":{"message":"Loading model","type":"unavailable_error","code":503}}""" :
            $"""
            # HELP llamacpp:requests_processing Number of requests processing.
            # TYPE llamacpp:requests_processing gauge
            llamacpp:requests_processing {Processing}
            # HELP llamacpp:requests_deferred Number of requests deferred.
            # TYPE llamacpp:requests_deferred gauge
            llamacpp:requests_deferred {Deferred}
            llamacpp:n_tokens_max 12
            """;
    }

    private sealed record Story(Answer[] Answers, int Asked)
    {
        public int Timeout { get; init; } = 600;

        public string? Key { get; init; }
    }

    private static readonly Dictionary<string, Story> Stories = new()
    {
        ["two readings of nothing end it"] = new([new(0)], Asked: 2),
        ["a request between two of a client's is not missed"] = new([new(0), new(1), new(0)], Asked: 4),
        ["deferred ones are waited for"] = new([new(0, 2), new(1), new(0)], Asked: 4),
        ["a server that loads is waited for until it hears the signal"] = new([new(0, Code: 503), new(0)], Asked: 3),
        ["one that wants a key gets it"] = new([new(1), new(0)], Asked: 3) { Key = $"{Key},another" },
        ["one that doesn't tell is given all the time there is"] = new([new(0, Code: 501)], Asked: 2) { Timeout = 2 },
        ["a request that never ends is given all the time there is"] = new([new(1)], Asked: 2) { Timeout = 2 },
        ["no time, no question"] = new([new(1)], Asked: 0) { Timeout = 0 },
    };

    private static IEnumerable<string> Names => Stories.Keys;

    [TestCaseSource(nameof(Names))]
    public async Task Waits(string name)
    {
        var story = Stories[name];
        var asked = new ConcurrentQueue<string?>();
        await using var server = await ServeAsync(context =>
        {
            asked.Enqueue(context.Request.Headers.Authorization);
            var answer = story.Answers[Math.Min(asked.Count, story.Answers.Length) - 1];
            context.Response.StatusCode = answer.Code;
            return context.Response.WriteAsync(answer.Body);
        });

        var (code, output) = await RunAsync(story.Timeout, PortOf(server), story.Key);

        // With a short time the clock decides whether the last question is still asked.
        Assert.That((code, output), Is.EqualTo((0, "")));
        Assert.That(asked, Has.Count.EqualTo(story.Asked).Or.Count.EqualTo(story.Timeout == 2 ? 1 : story.Asked));
        if (story.Key is not null) Assert.That(asked, Is.All.EqualTo($"Bearer {Key}"));
    }

    [Test]
    public async Task A_server_that_is_gone_has_no_requests()
    {
        var server = await ServeAsync(_ => Task.CompletedTask);
        var port = PortOf(server);
        await server.DisposeAsync();

        Assert.That(await RunAsync(600, port), Is.EqualTo((0, "")));
    }

    [TestCase(null, null, 75)]
    [TestCase(0, null, 15)]
    [TestCase(300, DrainModes.Idle, 315)]
    [TestCase(300, DrainModes.Sleep, 315)]
    public void The_grace_leaves_time_for_the_end_itself(int? timeout, string? mode, int seconds) =>
        Assert.That(Drain.Of(new() { DrainTimeoutSeconds = timeout, DrainMode = mode }).GracePeriodSeconds, Is.EqualTo(seconds));

    [TestCase(0, 5)]
    [TestCase(300, 300)]
    public void An_image_without_a_shell_sleeps(int timeout, int seconds)
    {
        var drain = Drain.Of(new() { DrainTimeoutSeconds = timeout, DrainMode = DrainModes.Sleep });

        Assert.That((drain.PreStop(8080).Sleep?.Seconds, drain.PreStop(8080).Exec, drain.Variables.Any()), Is.EqualTo(((long?)seconds, (object?)null, false)));
    }

    /// <summary>As the container would run it, but for the time that endpoints take to go.</summary>
    private static async Task<(int Code, string Output)> RunAsync(int timeout, int port, string? key = null)
    {
        var command = Drain.Of(new() { DrainTimeoutSeconds = timeout }).PreStop(port).Exec.Command;
        var start = new ProcessStartInfo(command[0], [.. command.Skip(1).SkipLast(1), "0"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[Drain.AddressVariable] = "127.0.0.1";
        start.Environment.Remove("LLAMA_API_KEY");

        // A pod's proxy is for others than itself.
        start.Environment["http_proxy"] = "http://127.0.0.1:1";
        if (key is not null) start.Environment["LLAMA_API_KEY"] = key;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    private static async Task<WebApplication> ServeAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://{IPAddress.Loopback}:0");
        var app = builder.Build();
        app.MapGet("/metrics", answer);
        await app.StartAsync();
        return app;
    }

    private static int PortOf(WebApplication app) =>
        int.Parse(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single().Split(':')[^1], CultureInfo.InvariantCulture);
}
