namespace LlmKube.Operator.Entities;

/// <summary>What holds for probes, in CEL and in words.</summary>
public static class ProbeRules
{
    /// <summary>Why a probe has not several handlers.</summary>
    public const string OneHandlerWords = "a probe has one of httpGet, tcpSocket, exec and grpc; without any it asks as the operator would";

    /// <summary>Why a probe can't ask for several successes.</summary>
    public const string SucceedsOnceWords = "successThreshold must be 1";

    /// <summary>Why a probe has no grace period.</summary>
    public const string NoGraceWords = "terminationGracePeriodSeconds has no effect here: nothing ends because of readiness";

    /// <summary>Why a start can't take for ever.</summary>
    public const string EndsWords = "initialDelaySeconds and failureThreshold times periodSeconds must not be more than 604800 in all";

    internal const string Ends = "(has(self.initialDelaySeconds) ? self.initialDelaySeconds : 0)"
        + " + (has(self.periodSeconds) ? self.periodSeconds : 1) * (has(self.failureThreshold) ? self.failureThreshold : 1) <= 604800";

    internal const string OneHandler = "[has(self.httpGet), has(self.tcpSocket), has(self.exec), has(self.grpc)].filter(is, is).size() <= 1";

    internal const string SucceedsOnce = "!has(self.successThreshold) || self.successThreshold <= 1";

    internal const string NoGrace = "!has(self.terminationGracePeriodSeconds)";
}
