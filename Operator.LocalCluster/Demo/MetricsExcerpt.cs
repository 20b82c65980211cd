namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>The few lines of a scrape that tell of the demo.</summary>
internal static class MetricsExcerpt
{
    /// <summary>Of the operator: the true phases, and what it measured.</summary>
    public static IReadOnlyList<string> OperatorFamilies { get; } =
    [
        "llmkube_model_status", "llmkube_model_download_duration_seconds_sum", "llmkube_inferenceservice_phase",
        "llmkube_inferenceservice_ready_duration_seconds_sum", "llmkube_reconcile_total",
    ];

    /// <summary>Of llama-server: what was asked and answered.</summary>
    public static IReadOnlyList<string> ServerFamilies { get; } = ["llamacpp:prompt_tokens_total", "llamacpp:tokens_predicted_total", "llamacpp:tokens_predicted_seconds_total"];

    /// <summary>The samples of these names that are not zero, in the order of the names.</summary>
    public static IReadOnlyList<string> Of(string scrape, IReadOnlyList<string> names)
    {
        var samples = scrape.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(l => l[0] is not '#' && !l.EndsWith(" 0", StringComparison.Ordinal)).ToList();
        return [.. names.SelectMany(name => samples.Where(s => s.StartsWith($"{name} ", StringComparison.Ordinal) || s.StartsWith($"{name}{{", StringComparison.Ordinal)))];
    }
}
