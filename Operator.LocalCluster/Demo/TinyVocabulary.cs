using System.Globalization;

namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>
/// What the generated model reads and says: any text, byte by byte or character by character, and a few words, which it prefers.
/// Laid out as SentencePiece vocabularies are, so that llama.cpp's tokenizer takes it.
/// </summary>
internal static class TinyVocabulary
{
    public const uint Unknown = 0, Begin = 1, End = 2;

    /// <summary>How llama.cpp turns a conversation into text (Jinja).</summary>
    public const string ChatTemplate =
        "{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}";

    // SentencePiece's sign for a space.
    private const char Space = '▁';

    private static readonly string[] Words =
    [
        "the", "pod", "node", "queue", "ready", "model", "token", "cluster", "and", "is", "of", "to", "a", "in", "runs", "waits",
        "small", "large", "fast", "slow", "gpu", "cpu", "cache", "layer", "serves", "loads", "scales", "stops", "fails", "retries", "works", "now",
    ];

    public static IReadOnlyList<Token> Tokens { get; } = [.. Everything()];

    /// <summary>How much a token tends to be said next: words most, bytes never, and the end as the model's shape wishes.</summary>
    public static float Tendency(int token, float endWeight) => (token, Tokens[token]) switch
    {
        ((int)End, _) => endWeight,
        (_, { Type: TokenType.Normal, Text.Length: > 1 }) => 1f,
        (_, { Type: TokenType.Normal }) => 0.5f,
        _ => -4f,
    };

    private static IEnumerable<Token> Everything()
    {
        yield return new("<unk>", 0, TokenType.Unknown);
        yield return new("<s>", 0, TokenType.Control);
        yield return new("</s>", 0, TokenType.Control);
        for (var i = 0; i < 256; i++) yield return new($"<0x{i.ToString("X2", CultureInfo.InvariantCulture)}>", 0, TokenType.Byte);
        for (var c = ' '; c <= '~'; c++) yield return new((c is ' ' ? Space : c).ToString(), -1000 - c, TokenType.Normal);
        for (var i = 0; i < Words.Length; i++) yield return new($"{Space}{Words[i]}", -1 - i, TokenType.Normal);
    }

    /// <summary>GGUF's numbers for kinds of tokens.</summary>
    internal enum TokenType
    {
        Normal = 1,
        Unknown = 2,
        Control = 3,
        Byte = 6,
    }

    /// <param name="Score">The higher, the sooner the tokenizer merges characters to it.</param>
    internal sealed record Token(string Text, float Score, TokenType Type);
}
