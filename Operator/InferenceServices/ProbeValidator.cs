using System.Globalization;
using k8s.Models;
using LlmKube.Operator.Entities;
using static LlmKube.Operator.InferenceServices.FieldChecks;

namespace LlmKube.Operator.InferenceServices;

/// <summary>The checks of what says how pods are asked how they are.</summary>
internal static class ProbeValidator
{
    // A budget that is rounded up to whole periods may be longer than what was asked for.
    private const int MostSeconds = 2 * InferenceServiceDefaults.MostStartupTimeoutSeconds;

    /// <summary>All problems, in the order of the fields.</summary>
    public static IEnumerable<FieldError> Validate(InferenceServiceSpec spec) =>
    [
        .. InRange("spec.startupTimeoutSeconds", spec.StartupTimeoutSeconds, InferenceServiceDefaults.LeastStartupTimeoutSeconds, InferenceServiceDefaults.MostStartupTimeoutSeconds),
        .. Probe("spec.probeOverrides.startup", spec.ProbeOverrides?.Startup, succeedsOnce: true),
        .. Check(ServerProbes.StartupBudget(spec).TotalSeconds <= MostSeconds, "spec.probeOverrides.startup", ProbeRules.EndsWords),
        .. Probe("spec.probeOverrides.liveness", spec.ProbeOverrides?.Liveness, succeedsOnce: true),
        .. Probe("spec.probeOverrides.readiness", spec.ProbeOverrides?.Readiness, succeedsOnce: false),
        .. Check(spec.ProbeOverrides?.Readiness?.TerminationGracePeriodSeconds is null, "spec.probeOverrides.readiness", ProbeRules.NoGraceWords),
    ];

    private static IEnumerable<FieldError> Probe(string path, V1Probe? probe, bool succeedsOnce)
    {
        if (probe is null) return [];
        object?[] handlers = [probe.HttpGet, probe.TcpSocket, probe.Exec, probe.Grpc];
        return
        [
            .. Check(handlers.Count(h => h is not null) <= 1, path, ProbeRules.OneHandlerWords),
            .. NotNegative($"{path}.initialDelaySeconds", probe.InitialDelaySeconds),
            .. NotNegative($"{path}.periodSeconds", probe.PeriodSeconds),
            .. NotNegative($"{path}.timeoutSeconds", probe.TimeoutSeconds),
            .. NotNegative($"{path}.successThreshold", probe.SuccessThreshold),
            .. NotNegative($"{path}.failureThreshold", probe.FailureThreshold),
            .. Check(!succeedsOnce || probe.SuccessThreshold is null or <= 1, path, ProbeRules.SucceedsOnceWords),
            .. Check(probe.TerminationGracePeriodSeconds is null or > 0, $"{path}.terminationGracePeriodSeconds", "must be above 0"),
            .. probe.HttpGet is { } get ? Get($"{path}.httpGet", get) : [],
            .. probe.TcpSocket is { } socket ? Port($"{path}.tcpSocket.port", socket.Port?.ToString()) : [],
            .. probe.Exec is { } exec ? Check(exec.Command is { Count: > 0 }, $"{path}.exec.command", "must name a program") : [],
            .. probe.Grpc is { } grpc ? InRange($"{path}.grpc.port", grpc.Port, 1, 65535) : [],
        ];
    }

    private static IEnumerable<FieldError> Get(string path, V1HTTPGetAction get) =>
    [
        .. Port($"{path}.port", get.Port?.ToString()),
        .. OneOf($"{path}.scheme", get.Scheme, "HTTP", "HTTPS"),
        .. Check((get.HttpHeaders ?? []).All(h => h.Name is { Length: > 0 } name && name.All(IsHeaderCharacter)), $"{path}.httpHeaders", "must have names of letters, digits and -"),
    ];

    private static FieldError[] NotNegative(string path, int? number) => Check(number is null or >= 0, path, $"must not be negative, got {number}");

    // The container has one port with a name.
    private static FieldError[] Port(string path, string? port) => Check(
        port == DeploymentBuilder.PortName || (int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 65535),
        path,
        $"must be a number from 1 to 65535, or {DeploymentBuilder.PortName}, which is spec.endpoint.port, got \"{port}\"");

    private static bool IsHeaderCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c == '-';
}
