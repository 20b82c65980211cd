namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>The shape of a generated model. The default is about half a MiB; more layers and wider ones make it larger.</summary>
internal sealed record TinyModelSpec
{
    /// <summary>How many transformer blocks.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>The width of the model; a multiple of <see cref="Heads"/>.</summary>
    public int Embedding { get; init; } = 64;

    /// <summary>The width inside the feed-forward part.</summary>
    public int FeedForward { get; init; } = 128;

    /// <summary>Attention heads; a multiple of <see cref="KeyValueHeads"/>.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Heads of keys and values, which the attention heads share.</summary>
    public int KeyValueHeads { get; init; } = 2;

    /// <summary>The context length, in tokens, that the file says it was trained with.</summary>
    public int Context { get; init; } = 2048;

    /// <summary>Which weights: the same seed gives the same bytes on every machine.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How much an answer tends to end; a word tends to come with 1.0.</summary>
    public float EndWeight { get; init; } = 0.6f;

    /// <summary>What the file calls itself.</summary>
    public string Name { get; init; } = "tiny-random-llama";

    /// <summary>The width of one head.</summary>
    public int HeadWidth => Embedding / Heads;

    /// <exception cref="ArgumentException">llama.cpp would not load such a model; the message says why.</exception>
    public void Check()
    {
        if (Layers < 1 || Embedding < 1 || FeedForward < 1 || Heads < 1 || KeyValueHeads < 1 || Context < 1) throw new ArgumentException("Every size of a model is at least 1.");
        if (Embedding % Heads != 0 || Heads % KeyValueHeads != 0 || HeadWidth % 2 != 0) throw new ArgumentException("The embedding must divide by the heads, these by the key-value heads, and the width of a head must be even.");
    }
}
