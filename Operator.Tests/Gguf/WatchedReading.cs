using LlmKube.Operator.Gguf;

namespace LlmKube.Operator.Tests.Gguf;

/// <summary>One reading of a file, and what it cost.</summary>
/// <param name="Header">What was read; null if the file was refused.</param>
/// <param name="Refusal">Why it was refused.</param>
internal sealed record WatchedReading(GgufHeader? Header, string? Refusal)
{
    // The buffer, the kept texts, and one object per tensor's name: measured at some 300 KB for the tiny model.
    private const long MostAllocated = 4 * 1024 * 1024;

    /// <summary>Reads a file that comes in parts of a size, and checks that it was read once, at little cost.</summary>
    public static WatchedReading Of(byte[] file, int part, bool isLengthKnown = true)
    {
        using var stream = new PartialStream(file, part);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var reading = Read(stream, isLengthKnown ? file.Length : null);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(MostAllocated), "bytes allocated");
        Assert.That(stream.Reads, Is.LessThanOrEqualTo((file.Length / part) + 2), "reads");
        Assert.That(reading.Refusal, Is.Null.Or.Not.Empty.And.Length.LessThan(500));
        return reading;
    }

    private static WatchedReading Read(Stream stream, long? length)
    {
        try
        {
            return new(GgufReader.Read(stream, length), null);
        }
        catch (GgufException e)
        {
            return new(null, e.Message);
        }
    }

    private sealed class PartialStream(byte[] file, int part) : MemoryStream(file, writable: false)
    {
        public int Reads { get; private set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            Reads++;
            return base.Read(buffer, offset, Math.Min(count, part));
        }
    }
}
