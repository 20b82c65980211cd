using System.Text;
using System.Text.Json;
using CsCheck;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Tests.Fetching;

[TestFixture]
internal sealed class TerminationMessageTests
{
    // Every number has as many digits as it can.
    private static GgufMetadata Largest
    {
        get
        {
            var header = new GgufMetadata { FileVersion = int.MinValue };
            foreach (var number in typeof(GgufMetadata).GetProperties().Where(p => p.PropertyType == typeof(long?))) number.SetValue(header, long.MinValue);
            return header;
        }
    }

    [Test]
    public void It_fits_whatever_the_header_and_the_server_say() =>
        Gen.Select(Gen.String[0, 5_000], Gen.String[0, 5_000], Gen.OneOf(Gen.Const("\""), Gen.Const("\\"), Gen.Const("\u0001"), Gen.Const("語"), Gen.Const("😀")), Gen.Int[0, 5_000]).Sample((message, name, hostile, times) =>
        {
            var flood = string.Concat(Enumerable.Repeat(hostile, times));
            var report = new FetchReport
            {
                Complete = false,
                Reason = Reasons.NotGguf,
                Message = message + flood,
                Sha256 = new string('a', 64),
                Gguf = Largest with { Architecture = flood, ModelName = name, License = flood, Quantization = flood },
                Files = new FetchedFiles(times, [.. Enumerable.Repeat(flood.Length > 512 ? flood[..512] : flood, times % 40)]),
                ETag = flood,
            };

            var text = TerminationMessage.Format(report);

            return Encoding.UTF8.GetByteCount(text) < 4_000 && TerminationMessage.TryParse(text) is { } read && read.Sha256 == report.Sha256 && read.Reason == report.Reason;
        });

    [Test]
    public void What_fits_is_not_cut()
    {
        var report = new FetchReport
        {
            Complete = true,
            Sha256 = new string('a', 64),
            Bytes = 12,
            Seconds = 1.5,
            Resumes = 2,
            Gguf = new GgufMetadata { Architecture = "llama", ModelName = "Kleines \"Modell\" 語", LayerCount = 2 },
        };

        Assert.That(TerminationMessage.TryParse(TerminationMessage.Format(report)), Is.EqualTo(report));
    }

    [Test]
    public void Names_of_files_and_ETags_are_told_whole_or_not_at_all()
    {
        string[] names = [.. Enumerable.Range(0, 20).Select(i => $"{new string('a', 300)}-{i}.gguf")];
        var report = new FetchReport { Complete = true, Sha256 = new string('a', 64), Files = new FetchedFiles(20, names), ETag = $"\"{new string('e', 5_000)}\"", ContentLength = 7 };

        var read = TerminationMessage.TryParse(TerminationMessage.Format(report))!;

        Assert.That((read.Files!.Count, read.ETag, read.ContentLength), Is.EqualTo((20, (string?)null, 7L)));
        Assert.That(read.Files.Names, Has.Count.InRange(4, FetchedFiles.MostNames));
        Assert.That(read.Files.Names, Is.EqualTo(names.Take(read.Files.Names.Count)));
        Assert.That(TerminationMessage.TryParse(TerminationMessage.Format(report with { Files = null, ETag = "\"e\"" }))!.ETag, Is.EqualTo("\"e\""));
    }

    [Test]
    public void A_line_of_progress_stays_short_whatever_the_header_says()
    {
        var flood = string.Concat(Enumerable.Repeat("語\u0001", 5_000));
        var progress = new FetchProgress { Total = 4, Bytes = 1, Gguf = Largest with { Architecture = flood, ModelName = flood, License = flood, Quantization = flood, LayerCount = 32 } };

        var line = JsonSerializer.Serialize(ProgressLine.Of(progress, 1, 1), JsonFile.Format);

        Assert.That(Encoding.UTF8.GetByteCount(line), Is.LessThan(1_500));
        Assert.That(JsonSerializer.Deserialize<ProgressLine>(line, JsonFile.Format)!.Gguf!.LayerCount, Is.EqualTo(32));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("Unhandled exception. System.OutOfMemoryException")]
    [TestCase("{\"complete\":")]
    [TestCase("[1]")]
    [TestCase("{}")]
    public void Other_words_are_no_report(string? text) => Assert.That(TerminationMessage.TryParse(text), Is.Null);
}
