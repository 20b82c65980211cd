using System.Diagnostics;
using System.Text.Json;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Tests.Gguf;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Fetching;

[TestFixture]
internal sealed class DownloadProcessTests : FetchFixture
{
    private string Message => Path.Combine(Folder, "termination-log");

    [Test]
    public async Task Killed_in_the_middle_it_goes_on_where_it_was()
    {
        var file = Weights(200_000_000);
        Server.File = file;
        var cut = file.Length * 6L / 10;
        Server.ThenStallAt(cut);

        using (var first = Start(Server.Url))
        {
            await Eventually.TrueAsync(() => File.Exists(Paths.Partial) && new FileInfo(Paths.Partial).Length == cut && first.Output.Any(l => l.Contains("transferring", StringComparison.Ordinal)), "what was sent is on the disk, and told");
            var line = JsonDocument.Parse(first.Output.Last()).RootElement;
            Assert.That(line.GetProperty("total").GetInt64(), Is.EqualTo(file.Length));
            Assert.That(line.GetProperty("gguf").GetProperty("architecture").GetString(), Is.EqualTo("llama"), "it is told what it will be");
            await first.KillAsync();
        }

        AssertNothingInPlace();
        Assert.That(File.Exists(Message), Is.False);
        var before = Server.BytesSent;

        using var second = Start(Server.Url);

        Assert.That(await second.ExitAsync(), Is.EqualTo(ExitCodes.Complete), string.Join('\n', second.Errors));
        var report = TerminationMessage.TryParse(await File.ReadAllTextAsync(Message))!;
        AssertInPlace(file, report);
        Assert.That(Server.BytesSent - before, Is.LessThanOrEqualTo(file.Length * 41L / 100));
        Assert.That(report.Resumes, Is.EqualTo(1));
    }

    [Test]
    public async Task Killed_wherever_it_is_it_brings_the_same_file_in_the_end()
    {
        var file = Weights(40_000_000);
        Server.File = file;
        var chance = new Random(11);
        var at = 0L;
        for (var kills = 0; kills < 10; kills++)
        {
            at += chance.NextInt64(1, (file.Length - at) / (11 - kills));
            var reached = at;
            Server.ThenStallAt(reached);
            using var process = Start(Server.Url);
            await Eventually.TrueAsync(() => File.Exists(Paths.Partial) && new FileInfo(Paths.Partial).Length >= reached, "it has come that far");
            await process.KillAsync();
            AssertNothingInPlace();
        }

        using var last = Start(Server.Url);

        Assert.That(await last.ExitAsync(), Is.EqualTo(ExitCodes.Complete), string.Join('\n', last.Errors));
        AssertInPlace(file, TerminationMessage.TryParse(await File.ReadAllTextAsync(Message))!);
        Assert.That(Server.Requests.Select(r => r.Range).Skip(1), Has.None.Null, "each run goes on where the one before was killed");
    }

    [Test]
    public async Task What_was_fetched_is_removed()
    {
        using (var fetched = Start(Server.Url)) Assert.That(await fetched.ExitAsync(), Is.EqualTo(ExitCodes.Complete));
        using var removal = ProgramProcess.Start([], ["remove", "--target", Paths.Final, "--termination-log", Message]);

        Assert.That(await removal.ExitAsync(), Is.EqualTo(ExitCodes.Complete), string.Join('\n', removal.Errors));
        Assert.That(TerminationMessage.TryParse(await File.ReadAllTextAsync(Message))!.Complete, Is.True);
        Assert.That(Directory.GetFiles(Paths.Folder), Is.EqualTo([Paths.Lock]));
    }

    [Test]
    public async Task A_signal_to_stop_leaves_word()
    {
        Server.ThenStallAt(1_000_000);
        using var process = Start(Server.Url);
        await Eventually.TrueAsync(() => File.Exists(Paths.Partial) && new FileInfo(Paths.Partial).Length == 1_000_000, "what was sent is on the disk");

        using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);

        Assert.That(await process.ExitAsync(), Is.EqualTo(ExitCodes.Interrupted));
        Assert.That(TerminationMessage.TryParse(await File.ReadAllTextAsync(Message))!.Reason, Is.EqualTo(Reasons.Interrupted));
        AssertNothingInPlace();
    }

    [Test]
    public async Task What_does_not_exist_ends_it_for_good()
    {
        Server.Usually = (c, _) => MisbehavingServer.StatusAsync(c, 404, "Entry not found");
        using var process = Start(Server.Url);

        Assert.That(await process.ExitAsync(), Is.EqualTo(ExitCodes.Terminal));
        var report = TerminationMessage.TryParse(await File.ReadAllTextAsync(Message))!;
        Assert.That((report.Reason, report.Terminal), Is.EqualTo((Reasons.SourceNotFound, true)));
        Assert.That(report.Message, Does.Contain("Entry not found"));
    }

    [Test]
    public async Task A_wrong_command_line_is_told_in_a_line()
    {
        using var process = DownloadProcess.Start(Server.Url, "--target", Paths.Final, "--retries", "many");

        Assert.That(await process.ExitAsync(), Is.EqualTo(ExitCodes.Usage));
        Assert.That(process.Errors.Single(), Does.Contain("--retries"));
    }

    [Test]
    public async Task A_source_that_cannot_be_fetched_is_told_in_a_line()
    {
        using var process = DownloadProcess.Start("ftp://models.example/m.gguf", "--target", Paths.Final);

        Assert.That(await process.ExitAsync(), Is.EqualTo(ExitCodes.Usage));
        Assert.That(process.Errors.Single(), Does.Contain("--source").And.Contain("ftp"));
    }

    private ProgramProcess Start(string source) => DownloadProcess.Start(source, "--target", Paths.Final, "--termination-log", Message, "--allow-address", "127.0.0.1");

    private static byte[] Weights(int length) => new GgufBuilder().Text("general.architecture", "llama").Tensor("weights", [(ulong)length / 4], Noise(length)).Build();

    private static byte[] Noise(int length)
    {
        var noise = new byte[length];
        new Random(7).NextBytes(noise);
        return noise;
    }
}
