using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Fetching;

/// <summary>
/// A volume that fills up in the middle of a transfer: somebody else writes to it as well, so that it had room for all when the transfer began. The kernel refuses to let the
/// file grow any further, as it would on a full disk, because the process may write none that is larger.
/// </summary>
[TestFixture, Platform("Linux")]
internal sealed class FullDiskTests : FetchFixture
{
    // In blocks of 512 bytes; about 40 percent of the file.
    private const int Blocks = 2_000;

    private string Message => Path.Combine(Folder, "termination-log");

    [Test]
    public async Task It_is_a_reason_and_no_crash_and_what_has_come_is_gone_on_with_when_there_is_room()
    {
        // The limit is on memory that can be executed, too, which the runtime maps as a file unless told otherwise.
        using var full = ProgramProcess.StartAfter(
            $"trap '' XFSZ; ulimit -f {Blocks};", [(DownloadCommand.SourceVariable, Server.Url), ("DOTNET_EnableWriteXorExecute", "0")], Arguments);

        Assert.That(await full.ExitAsync(), Is.EqualTo(ExitCodes.TryLater), string.Join('\n', full.Errors));
        var report = TerminationMessage.TryParse(await File.ReadAllTextAsync(Message))!;
        Assert.That((report.Complete, report.Reason, report.Terminal), Is.EqualTo((false, Reasons.OutOfSpace, false)), report.Message);
        Assert.That(report.Message, Does.StartWith("the cache volume is full"));
        AssertNothingInPlace();
        var sent = Server.BytesSent;

        using var roomy = ProgramProcess.Start([(DownloadCommand.SourceVariable, Server.Url)], Arguments);

        Assert.That(await roomy.ExitAsync(), Is.EqualTo(ExitCodes.Complete), string.Join('\n', roomy.Errors));
        AssertInPlace(Bytes.Sound, TerminationMessage.TryParse(await File.ReadAllTextAsync(Message))!);
        Assert.That(Server.Requests.Last().Range, Is.EqualTo($"bytes={Blocks * 512}-"));
        Assert.That(Server.BytesSent - sent, Is.EqualTo(Bytes.Sound.Length - (Blocks * 512)));
    }

    private string[] Arguments => ["download", "--target", Paths.Final, "--termination-log", Message, "--allow-address", "127.0.0.1", "--retries", "0"];
}
