namespace LlmKube.Operator.Engine.Api;

/// <summary>
/// Remembers, in bounded room, things that were decoded lately, so that equal ones need be kept only once. Two things share a shelf, and a third takes the
/// place of the one that was met longer ago: what comes again and again stays, though what comes once passes by. Without a lock: a race costs a second copy.
/// </summary>
/// <param name="shelves">How many pairs of things it remembers.</param>
internal sealed class LatelyMet<T>(int shelves)
    where T : class
{
    private const int Pair = 2;

    private readonly T?[] _things = new T?[shelves * Pair];

    /// <summary>The shelf of what bytes stand for: what is on it may be that, the one met last first.</summary>
    public Span<T?> ShelfOf(ReadOnlySpan<byte> bytes) => _things.AsSpan((int)(Hash(bytes) % (uint)shelves) * Pair, Pair);

    /// <summary>Puts a thing first on a shelf.</summary>
    public static T Put(Span<T?> shelf, T thing)
    {
        (shelf[0], shelf[1]) = (thing, shelf[0]);
        return thing;
    }

    // FNV-1a.
    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 2166136261;
        foreach (var b in bytes) hash = (hash ^ b) * 16777619;
        return hash;
    }
}
