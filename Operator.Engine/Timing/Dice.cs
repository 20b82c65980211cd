namespace LlmKube.Operator.Engine.Timing;

/// <summary>The engine's chance: a <see cref="Random"/> that many threads may roll.</summary>
internal sealed class Dice(Random random)
{
    private readonly Lock _gate = new();

    /// <summary>A number in [0, 1).</summary>
    public double Roll()
    {
        lock (_gate) return random.NextDouble();
    }
}
