namespace LlmKube.Operator.LocalCluster.Monitoring;

/// <summary>What a Prometheus needs that runs beside the cluster and not in it.</summary>
/// <param name="Kubeconfig">The kubeconfig by which it finds pods and services.</param>
/// <param name="TokenFile">Holds the token that it shows to targets, in the place of a service account's.</param>
/// <param name="RuleFile">Where the rules are, for its configuration to name.</param>
public sealed record PrometheusAccess(string Kubeconfig, string TokenFile, string RuleFile)
{
    /// <summary>How often it scrapes, whatever the monitors say; null: as they say.</summary>
    public TimeSpan? ScrapeInterval { get; init; }

    /// <summary>How often it evaluates rules.</summary>
    public TimeSpan EvaluationInterval { get; init; } = TimeSpan.FromSeconds(30);
}
