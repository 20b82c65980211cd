using System.Runtime.InteropServices;

namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>Writes matrices of small random numbers, the same for the same seed on every machine.</summary>
internal sealed class WeightWriter
{
    private const float NoiseDeviation = 0.05f;

    private readonly Stream _output;
    // Large matrices repeat one block from different beginnings: a file of hundreds of megabytes is written as fast as the disk takes it.
    private readonly float[] _block = new float[65_536];
    private ulong _state;

    public WeightWriter(Stream output, ulong seed)
    {
        _output = output;
        _state = seed;
        foreach (ref var value in _block.AsSpan()) value = Normal(NoiseDeviation);
    }

    public void Ones(int length)
    {
        var ones = new float[length];
        Array.Fill(ones, 1f);
        Write(ones);
    }

    public void Noise(long length)
    {
        var start = (int)(Next() % (ulong)_block.Length);
        while (length > 0)
        {
            var piece = (int)Math.Min(length, _block.Length - start);
            Write(_block.AsSpan(start, piece));
            length -= piece;
            start = 0;
        }
    }

    /// <summary>A row for each token; its first column is given, the others are random.</summary>
    public void Rows(int width, int count, Func<int, float> first, float deviation)
    {
        var row = new float[width];
        for (var i = 0; i < count; i++)
        {
            foreach (ref var value in row.AsSpan()) value = Normal(deviation);
            row[0] = first(i);
            Write(row);
        }
    }

    // GGUF is little-endian, and so is every machine that .NET runs this on.
    private void Write(ReadOnlySpan<float> values) => _output.Write(MemoryMarshal.AsBytes(values));

    // The sum of twelve is normal enough and, unlike Box-Muller's logarithm and cosine, the same to the last bit everywhere.
    private float Normal(float deviation)
    {
        var sum = -6.0;
        for (var i = 0; i < 12; i++) sum += (Next() >> 11) * (1.0 / (1UL << 53));
        return (float)sum * deviation;
    }

    // SplitMix64 (Steele, Lea, Flood 2014).
    private ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
