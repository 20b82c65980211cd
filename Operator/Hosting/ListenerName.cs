namespace LlmKube.Operator.Hosting;

/// <summary>Which of our listeners a connection came in by; a feature of the connection. Ports don't tell: any free one may have been taken.</summary>
/// <param name="Value">The listener.</param>
internal sealed record ListenerName(string Value)
{
    /// <summary>The listener of <c>/metrics</c>.</summary>
    public const string Metrics = "metrics";

    /// <summary>The listener of <c>/healthz</c> and <c>/readyz</c>.</summary>
    public const string Probes = "probes";
}
