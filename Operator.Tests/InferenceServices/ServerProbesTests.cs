using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>How pods are asked how they are, and how long they may take to start.</summary>
public sealed class ServerProbesTests
{
    private static readonly V1HTTPGetAction s_health = new() { Path = "/health", Port = "http" };

    private static readonly Dictionary<string, (Action<InferenceServiceSpec> With, V1Probe Startup, int Budget)> Starts = new()
    {
        ["nothing said"] = (_ => { }, Probe(10, 180), 1800),
        ["a day"] = (s => s.StartupTimeoutSeconds = 86400, Probe(10, 8640), 86400),
        ["the least"] = (s => s.StartupTimeoutSeconds = 10, Probe(10, 1), 10),
        ["what is not a multiple is rounded up"] = (s => s.StartupTimeoutSeconds = 95, Probe(10, 10), 100),
        ["asked more often for as long"] = (Startup(new V1Probe { PeriodSeconds = 7 }), Probe(7, 258), 1806),
        ["asked so many times"] = (Startup(new V1Probe { FailureThreshold = 6 }), Probe(10, 6), 60),
        ["asked later"] = (Startup(new V1Probe { InitialDelaySeconds = 30 }), Probe(10, 180, p => p.InitialDelaySeconds = 30), 1830),
        ["asked in another way"] =
            (Startup(new V1Probe { TcpSocket = new V1TCPSocketAction { Port = 8080 } }), Probe(10, 180, p => (p.HttpGet, p.TcpSocket) = (null, new V1TCPSocketAction { Port = 8080 })), 1800),
        ["with zeroes, which say nothing"] =
            (Startup(new V1Probe { InitialDelaySeconds = 0, PeriodSeconds = 0, TimeoutSeconds = 0, FailureThreshold = 0, SuccessThreshold = 0 }), Probe(10, 180), 1800),
        ["altogether the user's"] =
            (Startup(new V1Probe { Exec = new V1ExecAction { Command = ["/ready"] }, PeriodSeconds = 1, TimeoutSeconds = 2, FailureThreshold = 3, TerminationGracePeriodSeconds = 4 }),
             Probe(1, 3, p => (p.HttpGet, p.Exec, p.TimeoutSeconds, p.TerminationGracePeriodSeconds) = (null, new V1ExecAction { Command = ["/ready"] }, 2, 4)), 3),
    };

    public static IEnumerable<string> Names => Starts.Keys;

    [TestCaseSource(nameof(Names))]
    public void A_server_has_as_long_to_start(string story)
    {
        var (with, startup, budget) = Starts[story];
        var deployment = A.Build(A.Service(with: with), A.Model());

        Assert.That(Json(deployment.Spec.Template.Spec.Containers[0].StartupProbe), Is.EqualTo(Json(startup)));
        Assert.That(deployment.Spec.ProgressDeadlineSeconds, Is.EqualTo(budget + 60 + 75), "a rollout is not stuck while an old pod may still answer, nor while a new one may be loading");
    }

    [Test]
    public void Liveness_and_readiness_stay_the_operator_s_where_nothing_is_said_of_them()
    {
        var spec = A.Service(with: s => s.ProbeOverrides = new ProbeOverrides { Readiness = new V1Probe { PeriodSeconds = 2, SuccessThreshold = 3 } }).Spec;

        Assert.That(Json(ServerProbes.Liveness(spec)), Is.EqualTo(Json(Probe(15, 3))));
        Assert.That(Json(ServerProbes.Readiness(spec)), Is.EqualTo(Json(Probe(2, 3, p => (p.SuccessThreshold, p.TerminationGracePeriodSeconds) = (3, null)))));
    }

    private static Action<InferenceServiceSpec> Startup(V1Probe probe) => s => s.ProbeOverrides = new ProbeOverrides { Startup = probe };

    private static V1Probe Probe(int period, int failures, Action<V1Probe>? with = null)
    {
        var probe = new V1Probe { HttpGet = s_health, PeriodSeconds = period, TimeoutSeconds = 5, FailureThreshold = failures, TerminationGracePeriodSeconds = 30 };
        with?.Invoke(probe);
        return probe;
    }

    private static string Json(V1Probe probe) => KubernetesJson.Serialize(probe);
}
