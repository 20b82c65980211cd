namespace LlmKube.Operator.Entities;

/// <summary>The priorities of an <see cref="InferenceService"/> and the PriorityClasses that stand for them.</summary>
public static class Priorities
{
    /// <summary>Never waits for another of ours.</summary>
    public const string Critical = "critical";

    /// <summary>Above the usual.</summary>
    public const string High = "high";

    /// <summary>The default.</summary>
    public const string Normal = "normal";

    /// <summary>Below the usual.</summary>
    public const string Low = "low";

    /// <summary>Takes what is left; displaces nobody.</summary>
    public const string Batch = "batch";

    /// <summary>The names of the PriorityClasses begin so.</summary>
    public const string ClassNamePrefix = "llmkube-";

    /// <summary>All of them, the most urgent first.</summary>
    public static IReadOnlyList<string> All { get; } = [Critical, High, Normal, Low, Batch];

    /// <summary>The name of the PriorityClass that stands for a priority.</summary>
    public static string ClassNameOf(string priority) => ClassNamePrefix + priority;

    /// <summary>The value of a priority's PriorityClass; null if there is no such priority.</summary>
    public static int? ValueOf(string priority) => priority switch
    {
        Critical => 1_000_000,
        High => 100_000,
        Normal => 10_000,
        Low => 1_000,
        Batch => 100,
        _ => null,
    };

    /// <summary>The value that a PriorityClass of ours has; null if the class is not one of ours.</summary>
    public static int? ValueOfClass(string className) =>
        className.StartsWith(ClassNamePrefix, StringComparison.Ordinal) ? ValueOf(className[ClassNamePrefix.Length..]) : null;
}
