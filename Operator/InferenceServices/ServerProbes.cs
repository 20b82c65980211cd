using k8s.Models;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.InferenceServices;

/// <summary>How pods are asked how they are: the operator's probes, with what the user wants otherwise.</summary>
internal static class ServerProbes
{
    private const int Period = 10;

    private const int KillSeconds = 30;

    /// <summary>Whether the server has started; it has as long as the spec says.</summary>
    public static V1Probe Startup(InferenceServiceSpec spec)
    {
        var wanted = spec.ProbeOverrides?.Startup;
        var period = wanted?.PeriodSeconds is > 0 and var other ? other : Period;
        var timeout = spec.StartupTimeoutSeconds ?? InferenceServiceDefaults.StartupTimeoutSeconds;
        return With(Killing(Own(period, (timeout + period - 1) / period)), wanted);
    }

    /// <summary>Whether it is to be restarted: lenient, since a server under load may be slow to answer.</summary>
    public static V1Probe Liveness(InferenceServiceSpec spec) => With(Killing(Own(15, 3)), spec.ProbeOverrides?.Liveness);

    /// <summary>Whether it gets requests.</summary>
    public static V1Probe Readiness(InferenceServiceSpec spec) => With(Own(Period, 3), spec.ProbeOverrides?.Readiness);

    /// <summary>How long a server may take to load its model before it is restarted.</summary>
    public static TimeSpan StartupBudget(InferenceServiceSpec spec)
    {
        var probe = Startup(spec);
        var seconds = (probe.InitialDelaySeconds ?? 0) + ((long)probe.PeriodSeconds!.Value * probe.FailureThreshold!.Value);
        return TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue));
    }

    private static V1Probe Own(int periodSeconds, int failures) => new()
    {
        HttpGet = new V1HTTPGetAction { Path = "/health", Port = DeploymentBuilder.PortName },
        PeriodSeconds = periodSeconds,
        TimeoutSeconds = 5,
        FailureThreshold = failures,
    };

    // Else the hook that waits for the requests of a pod that is to end would also hold up the restart of a server that answers nothing any more.
    private static V1Probe Killing(V1Probe probe)
    {
        probe.TerminationGracePeriodSeconds = KillSeconds;
        return probe;
    }

    // To Kubernetes 0 and an empty text say the same as nothing: they are not stored, or replaced by a default.
    private static V1Probe With(V1Probe own, V1Probe? wanted) => wanted is null ? own : new V1Probe
    {
        HttpGet = HasHandler(wanted) ? Said(wanted.HttpGet) : own.HttpGet,
        TcpSocket = wanted.TcpSocket,
        Exec = wanted.Exec,
        Grpc = wanted.Grpc,
        InitialDelaySeconds = Said(wanted.InitialDelaySeconds),
        PeriodSeconds = Said(wanted.PeriodSeconds) ?? own.PeriodSeconds,
        TimeoutSeconds = Said(wanted.TimeoutSeconds) ?? own.TimeoutSeconds,
        SuccessThreshold = Said(wanted.SuccessThreshold),
        FailureThreshold = Said(wanted.FailureThreshold) ?? own.FailureThreshold,
        TerminationGracePeriodSeconds = wanted.TerminationGracePeriodSeconds ?? own.TerminationGracePeriodSeconds,
    };

    private static bool HasHandler(V1Probe probe) => probe is not { HttpGet: null, TcpSocket: null, Exec: null, Grpc: null };

    private static int? Said(int? number) => number is > 0 ? number : null;

    private static string? Said(string? text) => text is { Length: > 0 } ? text : null;

    private static V1HTTPGetAction? Said(V1HTTPGetAction? get) => get is null ? null : new()
    {
        Host = get.Host,
        HttpHeaders = get.HttpHeaders,
        Path = Said(get.Path),
        Port = get.Port,
        Protocol = Said(get.Protocol),
        Scheme = Said(get.Scheme),
    };
}
