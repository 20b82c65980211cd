namespace LlmKube.Operator.Generator.Discovery;

/// <summary>One order whatever order the compiler found things in, so that one input gives one output.</summary>
internal static class Sorted
{
    /// <summary>The items by key, each once: the parts of a partial class are found one by one.</summary>
    public static EquatableArray<T> Of<T>(IEnumerable<T> items, Func<T, string> key)
        where T : IEquatable<T>
        => new(items.Distinct().OrderBy(key, StringComparer.Ordinal));
}
