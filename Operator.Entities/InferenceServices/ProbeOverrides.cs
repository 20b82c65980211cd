using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>
/// How a pod is asked how it is, where that is to differ from the operator's GET /health. Each is as in a container's own spec. What
/// it leaves out stays the operator's; naming a handler replaces the operator's.
/// </summary>
public sealed record ProbeOverrides
{
    /// <summary>
    /// Whether the server has started. Until then nothing else is asked; after failureThreshold times periodSeconds it is restarted.
    /// Without failureThreshold that is spec.startupTimeoutSeconds.
    /// </summary>
    [ValidationRule(ProbeRules.OneHandler, message: ProbeRules.OneHandlerWords)]
    [ValidationRule(ProbeRules.SucceedsOnce, message: ProbeRules.SucceedsOnceWords)]
    [ValidationRule(ProbeRules.Ends, message: ProbeRules.EndsWords)]
    public V1Probe? Startup { get; set; }

    /// <summary>Whether the server is to be restarted.</summary>
    [ValidationRule(ProbeRules.OneHandler, message: ProbeRules.OneHandlerWords)]
    [ValidationRule(ProbeRules.SucceedsOnce, message: ProbeRules.SucceedsOnceWords)]
    public V1Probe? Liveness { get; set; }

    /// <summary>Whether the server gets requests.</summary>
    [ValidationRule(ProbeRules.OneHandler, message: ProbeRules.OneHandlerWords)]
    [ValidationRule(ProbeRules.NoGrace, message: ProbeRules.NoGraceWords)]
    public V1Probe? Readiness { get; set; }
}
