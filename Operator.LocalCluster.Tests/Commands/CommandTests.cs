using System.Net;
using System.Net.Sockets;
using LlmKube.Operator.LocalCluster.Commands;

namespace LlmKube.Operator.LocalCluster.Tests.Commands;

/// <summary>What the command line is answered with.</summary>
public sealed class CommandTests
{
    [TestCase("")]
    [TestCase("up")]
    [TestCase("api-server")]
    [TestCase("controllers")]
    [TestCase("scheduler")]
    [TestCase("nodes")]
    [TestCase("proxy")]
    public async Task Help_is_given(string verb)
    {
        var (code, output, errors) = await RunAsync($"{verb} --help");
        Assert.That((code, errors), Is.EqualTo((0, "")));
        Assert.That(output, Does.Contain("Usage:").And.Contain("--help"));
    }

    [TestCase("", "Required command was not provided.")]
    [TestCase("--bogus", "Unrecognized command or argument '--bogus'.")]
    [TestCase("up --bogus", "Unrecognized command or argument '--bogus'.")]
    [TestCase("up --port 99999", "--port must be a whole number from 0 to 65535, not \"99999\".")]
    [TestCase("up --nodes many", "--nodes must be a whole number from 0 to 5000, not \"many\".")]
    [TestCase("up --image shell", "--image must be PATTERN=PROGRAM [ARGUMENT...], not \"shell\".")]
    [TestCase("nodes --image shell:*=/no/such/program", "--image: there is no program /no/such/program.")]
    [TestCase("api-server --history -1", "--history must be a whole number from 0 to")]
    [TestCase("api-server --token-file nowhere.csv", "--token-file: Could not find file")]
    [TestCase("api-server --port 0 --kubeconfig-out no/such/folder", "--kubeconfig-out: Could not find a part of the path")]
    [TestCase("nodes --kubeconfig nowhere", "--kubeconfig: kubeconfig file not found")]
    public async Task A_mistaken_command_line_is_refused_in_one_line(string arguments, string reason)
    {
        var (code, output, errors) = await RunAsync(arguments);
        Assert.That((code, output), Is.EqualTo((2, "")), errors);
        Assert.That(errors, Does.StartWith($"error: {reason}").And.EndWith("\n"));
        Assert.That(errors.Trim(), Does.Not.Contain('\n'));
    }

    [TestCase("up")]
    [TestCase("api-server")]
    public async Task A_port_in_use_is_said(string verb)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var (code, output, errors) = await RunAsync($"{verb} --port {port}");
        Assert.That((code, output), Is.EqualTo((1, "")));
        Assert.That(errors.Trim(), Is.EqualTo($"error: Failed to bind to address https://127.0.0.1:{port}: address already in use; choose another with --port, or 0 for any that is free"));
    }

    [Test]
    public async Task A_folder_with_other_things_in_it_is_refused_and_left_alone()
    {
        var folder = Directory.CreateTempSubdirectory("mine-");
        var mine = Path.Combine(folder.CreateSubdirectory("pods").FullName, "mine.yaml");
        await File.WriteAllTextAsync(mine, "kind: Pod");

        var (code, _, errors) = await RunAsync($"up --port 0 --kubeconfig-out {folder.FullName}/kubeconfig --folder {folder.FullName} --image shell:*=/bin/sh");

        Assert.That((code, File.Exists(mine)), Is.EqualTo((1, true)));
        Assert.That(errors.Trim(), Is.EqualTo($"error: The folder {folder.FullName} has things of someone else's (pods), which would be removed: name another."));
        folder.Delete(recursive: true);
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await CommandLine.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), output, errors);
        return (code, output.ToString(), errors.ToString());
    }
}
