using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;
using LlmKube.Operator.Reconciling;
using static LlmKube.Operator.Tests.Models.Situations;

namespace LlmKube.Operator.Tests.Models;

/// <summary>How far a running fetch is, and what is known of the file before all of it is there.</summary>
[TestFixture]
internal sealed class ModelProgressTests
{
    [Test]
    public void A_running_fetch_tells_how_far_it_is_every_ten_seconds_and_a_quick_one_never()
    {
        var model = Seen.Model().After(s => s.Running());

        var soon = At(2, Reading(100));
        var first = At(12, Reading(200));
        model.Status = first.Status;
        var next = At(15, Reading(300));
        var same = At(30, Reading(200));
        var later = At(30, Reading(4000));
        var unknown = At(40, null);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((soon.Status.Download, soon.Status.Gguf, soon.LookAgainIn), Is.EqualTo(((ModelDownload?)null, (GgufMetadata?)null, TimeSpan.FromSeconds(9))));
            Assert.That(first.Status.Download, Is.EqualTo(new ModelDownload { Bytes = 200, TotalBytes = 1000, Percent = 20, BytesPerSecond = 5, EtaSeconds = 160 }));
            Assert.That((first.Status.Gguf?.Architecture, first.Status.SizeBytes, first.Status.Size, first.Status.Sha256), Is.EqualTo(("llama", 1000L, "1000 B", (string?)null)));
            Assert.That((next.Status.Download!.Bytes, next.LookAgainIn), Is.EqualTo((200L, TimeSpan.FromSeconds(8))));
            Assert.That((StatusWriter.Same(first.Status, same.Status), same.LookAgainIn), Is.EqualTo((true, (TimeSpan?)null)), "what has not moved is no news");
            Assert.That(later.Status.Download!.Percent, Is.EqualTo(100), "never more");
            Assert.That(StatusWriter.Same(first.Status, unknown.Status), Is.True, "a new operator takes nothing back");
        }

        Decision<ModelStatus> At(int seconds, FetchReading? reading) => ModelDecider.Decide(Seen.Of(model).Running() with { Now = Seen.Now.AddSeconds(seconds), Progress = reading });
    }

    [Test]
    public void What_is_known_of_a_file_that_comes_goes_with_its_source_and_how_far_it_is_with_its_run()
    {
        var model = Seen.Model().After(s => s.Running() with { Progress = Reading(200) });

        var failed = ModelDecider.Decide(Seen.Of(model).Failed(Seen.Unreachable())).Status;
        var other = ModelDecider.Decide(Seen.Of(Edited(Seen.Model().After(s => s.Running() with { Progress = Reading(200) }), m => m.Spec.Source = Other))).Status;

        Assert.That((failed.Download, failed.Gguf?.Architecture, failed.SizeBytes), Is.EqualTo(((ModelDownload?)null, "llama", 1000L)));
        Assert.That((other.Download, other.Gguf, other.SizeBytes, other.Size), Is.EqualTo(((ModelDownload?)null, (GgufMetadata?)null, (long?)null, (string?)null)));
    }

    [TestCase(-1, null)]
    [TestCase(7, 7L)]
    [TestCase(long.MaxValue, null)]
    public void A_rate_that_makes_no_sense_is_none(long rate, long? taken) =>
        Assert.That(FetchReading.Parse($"{{\"event\":\"progress\",\"bytes\":1,\"total\":2,\"transferred\":1,\"bytesPerSecond\":{rate}}}")!.BytesPerSecond, Is.EqualTo(taken));
}
