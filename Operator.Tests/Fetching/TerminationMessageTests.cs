using System.Text;
using CsCheck;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Tests.Fetching;

[TestFixture]
internal sealed class TerminationMessageTests
{
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
                Gguf = new GgufMetadata { Architecture = flood, ModelName = name, License = flood, Quantization = flood },
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

    [TestCase(null)]
    [TestCase("")]
    [TestCase("Unhandled exception. System.OutOfMemoryException")]
    [TestCase("{\"complete\":")]
    [TestCase("[1]")]
    [TestCase("{}")]
    public void Other_words_are_no_report(string? text) => Assert.That(TerminationMessage.TryParse(text), Is.Null);
}
