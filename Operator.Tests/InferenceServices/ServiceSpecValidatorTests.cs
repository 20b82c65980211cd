using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>What can't be honoured is named by its field, whatever the schema let through.</summary>
public sealed class ServiceSpecValidatorTests
{
    private static readonly Dictionary<string, (Action<InferenceServiceSpec> With, string Want)> Refused = new()
    {
        ["a batch of nothing"] = (s => s.BatchSize = 0, "spec.batchSize: must be from 1 to 16384, got 0"),
        ["too large a batch"] = (s => s.BatchSize = 16385, "spec.batchSize: must be from 1 to 16384, got 16385"),
        ["a micro-batch of nothing"] = (s => s.UBatchSize = 0, "spec.uBatchSize: must be at least 1, got 0"),
        ["a micro-batch above its batch"] = (s => (s.BatchSize, s.UBatchSize) = (64, 65), "spec.uBatchSize: must not be above batchSize, which is 64, got 65"),
        ["an empty alias"] = (s => s.Alias = "", "spec.alias: must be 1 to 256 letters"),
        ["an alias that is a flag"] = (s => s.Alias = "--api-key", "spec.alias: must be 1 to 256 letters"),
        ["an alias that Kubernetes would fill in"] = (s => s.Alias = "a$(TOKEN)", "spec.alias: must be 1 to 256 letters"),
        ["an alias with a line break"] = (s => s.Alias = "a\n", "spec.alias: must be 1 to 256 letters"),
        ["the weights by hand"] = (s => s.ExtraArgs = ["--seed", "1", "-m", "/etc/x.gguf"], "spec.extraArgs[2]: the operator names the weights: choose the model with spec.modelRef"),
        ["the weights by hand, flag and value in one"] = (s => s.ExtraArgs = ["--model=/etc/x.gguf"], "spec.extraArgs[0]: the operator names the weights"),
        ["the weights from elsewhere"] = (s => s.ExtraArgs = ["--hf_repo", "org/repo"], "spec.extraArgs[0]: the operator names the weights"),
        ["a draft's weights from elsewhere"] = (s => s.ExtraArgs = ["-hfd", "org/repo"], "spec.extraArgs[0]: the operator names the weights"),
        ["a projector from elsewhere"] = (s => s.ExtraArgs = ["--seed", "1", "--mmproj_url", "https://x"], "spec.extraArgs[2]: the operator names the weights"),
        ["a vocoder from elsewhere"] = (s => s.ExtraArgs = ["--hf-repo-v", "org/repo"], "spec.extraArgs[0]: the operator names the weights"),
        ["a preset that fetches its model"] = (s => s.ExtraArgs = ["--gpt-oss-20b-default"], "spec.extraArgs[0]: the operator names the weights"),
        ["one that fetches two"] = (s => s.ExtraArgs = ["--fim_qwen_7b_spec"], "spec.extraArgs[0]: the operator names the weights"),
        ["the weights by a variable"] = (s => s.Env = [new V1EnvVar { Name = "LLAMA_ARG_MODEL", Value = "/etc/x.gguf" }], "spec.env[0].name: the operator names the weights"),
        ["the weights from elsewhere by a variable"] =
            (s => s.Env = [Env("A"), new V1EnvVar { Name = "LLAMA_ARG_HF_REPO", ValueFrom = Secret("keys", "repo") }], "spec.env[1].name: the operator names the weights"),
        ["a draft's weights by an older server's variable"] = (s => s.Env = [new V1EnvVar { Name = "LLAMA_ARG_HFD_REPO", Value = "org/repo" }], "spec.env[0].name: the operator names the weights"),
        ["another address"] = (s => s.ExtraArgs = ["--host", "127.0.0.1"], "spec.extraArgs[0]: the server listens on all addresses of its pod"),
        ["another port"] = (s => s.ExtraArgs = ["--port 9000"], "spec.extraArgs[0]: Service and probes must know the port: set it in spec.endpoint.port"),
        ["an argument that is null"] = (s => s.ExtraArgs = [null!], "spec.extraArgs[0]: must be a text"),
        ["too many arguments"] = (s => s.ExtraArgs = [.. Enumerable.Repeat("--verbose", 257)], "spec.extraArgs: must have at most 256 entries, has 257"),
        ["a variable without a name"] = (s => s.Env = [new V1EnvVar { Value = "x" }], "spec.env[0].name: must be letters, digits"),
        ["a variable that no shell could name"] = (s => s.Env = [new V1EnvVar { Name = "A=B" }], "spec.env[0].name: must be letters, digits"),
        ["a variable twice"] = (s => s.Env = [Env("A"), Env("B"), Env("A")], "spec.env[2].name: \"A\" is there already"),
        ["a variable with two values"] =
            (s => s.Env = [new V1EnvVar { Name = "A", Value = "x", ValueFrom = Secret("a", "b") }], "spec.env[0].valueFrom: goes without a value"),
        ["a variable from nowhere"] = (s => s.Env = [new V1EnvVar { Name = "A", ValueFrom = new V1EnvVarSource() }], "spec.env[0].valueFrom: must name one source"),
        ["a variable from a Secret that can't be"] = (s => s.Env = [new V1EnvVar { Name = "A", ValueFrom = Secret("My_Secret", "k") }], "spec.env[0].valueFrom.secretKeyRef.name: must be the name of a Secret"),
        ["a variable from a key that can't be"] = (s => s.Env = [new V1EnvVar { Name = "A", ValueFrom = Secret("s", "a/b") }], "spec.env[0].valueFrom.secretKeyRef.key: must be a key of a Secret"),
        ["too little time to start"] = (s => s.StartupTimeoutSeconds = 9, "spec.startupTimeoutSeconds: must be from 10 to 604800, got 9"),
        ["too much time to start"] = (s => s.StartupTimeoutSeconds = 604801, "spec.startupTimeoutSeconds: must be from 10 to 604800, got 604801"),
        ["a probe that asks in two ways"] =
            (Readiness(p => (p.Exec, p.Grpc) = (new V1ExecAction { Command = ["true"] }, new V1GRPCAction { Port = 1 })), "spec.probeOverrides.readiness: a probe has one of httpGet"),
        ["a probe that runs nothing"] = (Readiness(p => p.Exec = new V1ExecAction()), "spec.probeOverrides.readiness.exec.command: must name a program"),
        ["a probe of a port that no container has"] =
            (Readiness(p => p.HttpGet = new V1HTTPGetAction { Port = "metrics" }), "spec.probeOverrides.readiness.httpGet.port: must be a number from 1 to 65535, or http"),
        ["a probe of no port"] = (Readiness(p => p.TcpSocket = new V1TCPSocketAction()), "spec.probeOverrides.readiness.tcpSocket.port: must be a number"),
        ["a probe over what is no HTTP"] =
            (Readiness(p => p.HttpGet = new V1HTTPGetAction { Port = "http", Scheme = "FTP" }), "spec.probeOverrides.readiness.httpGet.scheme: must be one of HTTP, HTTPS"),
        ["a probe with a header that is none"] =
            (Readiness(p => p.HttpGet = new V1HTTPGetAction { Port = "http", HttpHeaders = [new V1HTTPHeader { Name = "A: b", Value = "c" }] }), "spec.probeOverrides.readiness.httpGet.httpHeaders: must have names"),
        ["a probe that asks backwards"] = (Readiness(p => p.PeriodSeconds = -1), "spec.probeOverrides.readiness.periodSeconds: must not be negative, got -1"),
        ["readiness with a grace period"] = (Readiness(p => p.TerminationGracePeriodSeconds = 5), "spec.probeOverrides.readiness: terminationGracePeriodSeconds has no effect here"),
        ["a start that has to succeed twice"] = (s => s.ProbeOverrides = new ProbeOverrides { Startup = new V1Probe { SuccessThreshold = 2 } }, "spec.probeOverrides.startup: successThreshold must be 1"),
        ["a life that has to succeed twice"] = (s => s.ProbeOverrides = new ProbeOverrides { Liveness = new V1Probe { SuccessThreshold = 2 } }, "spec.probeOverrides.liveness: successThreshold must be 1"),
        ["a start without an end"] =
            (s => s.ProbeOverrides = new ProbeOverrides { Startup = new V1Probe { PeriodSeconds = int.MaxValue, FailureThreshold = int.MaxValue } }, "spec.probeOverrides.startup: initialDelaySeconds and"),
        ["spread over nothing"] = (Spread(c => c.TopologyKey = null), "spec.topologySpreadConstraints[0].topologyKey: must be a label key"),
        ["spread unevenly by nothing"] = (Spread(c => c.MaxSkew = 0), "spec.topologySpreadConstraints[0].maxSkew: must be at least 1, got 0"),
        ["spread perhaps"] = (Spread(c => c.WhenUnsatisfiable = "Perhaps"), "spec.topologySpreadConstraints[0].whenUnsatisfiable: must be one of DoNotSchedule, ScheduleAnyway"),
        ["spread over a number of zones that does not matter"] = (Spread(c => c.MinDomains = 2), "spec.topologySpreadConstraints[0].minDomains: goes with whenUnsatisfiable DoNotSchedule"),
        ["spread twice alike"] = (Spread(_ => { }) + (s => s.TopologySpreadConstraints!.Add(s.TopologySpreadConstraints[0])), "spec.topologySpreadConstraints[1]: zone with ScheduleAnyway is there already"),
        ["a runtime class that can't be"] = (s => s.RuntimeClassName = "Nvidia Runtime", "spec.runtimeClassName: must be the name of a RuntimeClass"),
        ["a pull secret without a name"] = (s => s.ImagePullSecrets = [new V1LocalObjectReference()], "spec.imagePullSecrets[0].name: must be the name of a Secret"),
        ["the label that the service is found by"] = (Label("app", "x"), "spec.podLabels[app]: is the operator's or Kubernetes' own"),
        ["a label of the operator's"] = (Label(Labels.Model, "x"), "spec.podLabels[inference.llmkube.dev/model]: is the operator's or Kubernetes' own"),
        ["a label of Kubernetes'"] = (Label("pod-template-hash", "x"), "spec.podLabels[pod-template-hash]: is the operator's or Kubernetes' own"),
        ["a label that is none"] = (Label("a b", "x"), "spec.podLabels: \"a b\" must be a label key"),
        ["a label's value that is none"] = (Label("a", "x y"), "spec.podLabels[a]: must be a label value"),
        ["an annotation of the operator's"] = (Annotation(Labels.Service, "x"), "spec.podAnnotations[inference.llmkube.dev/service]: is the operator's"),
        ["an annotation of kubectl's"] = (Annotation("kubectl.kubernetes.io/restartedAt", "now"), "spec.podAnnotations[kubectl.kubernetes.io/restartedAt]: is the operator's"),
        ["more annotations than an object has"] = (Annotation("a", new string('x', 256 << 10)), "spec.podAnnotations: must not have more than 256 KiB"),
        ["a user below nothing"] = (Security(c => c.RunAsUser = -1), "spec.podSecurityContext.runAsUser: must be from 0"),
        ["a group beyond all"] = (Security(c => c.SupplementalGroups = [44, 1L << 40]), "spec.podSecurityContext.supplementalGroups[1]: must be from 0"),
        ["a profile without a file"] = (Security(c => c.SeccompProfile = new V1SeccompProfile { Type = "Localhost" }), "spec.podSecurityContext.seccompProfile.localhostProfile: goes with type Localhost"),
        ["a profile that is none"] = (Security(c => c.SeccompProfile = new V1SeccompProfile { Type = "None" }), "spec.podSecurityContext.seccompProfile.type: must be one of RuntimeDefault"),
        ["root that is not to be root"] = (Security(c => (c.RunAsNonRoot, c.RunAsUser) = (true, 0)), "spec.podSecurityContext.runAsNonRoot: forbids the user 0"),
        ["all powers and no more of them"] =
            (s => s.SecurityContext = new V1SecurityContext { Privileged = true, AllowPrivilegeEscalation = false }, "spec.securityContext.allowPrivilegeEscalation: can't be false with privileged"),
        ["main memory that is no quantity"] = (s => s.Resources = new InferenceResources { HostMemory = "lots" }, "spec.resources.hostMemory: must be a quantity"),
        ["a disk that is no quantity"] = (s => s.Resources = new InferenceResources { EphemeralStorage = "-1Gi" }, "spec.resources.ephemeralStorage: must be a quantity"),
    };

    private static readonly Dictionary<string, Action<InferenceServiceSpec>> Accepted = new()
    {
        ["a micro-batch as large as its batch"] = s => (s.BatchSize, s.UBatchSize) = (64, 64),
        ["a micro-batch alone"] = s => s.UBatchSize = 4096,
        ["several aliases"] = s => s.Alias = "qwen2.5-0.5b,org/model:latest",
        ["arguments that only look like those that are ours"] = s => s.ExtraArgs = ["--model-draft", "/m", "--portable", "--hostile", "m", "model", "--ctx-size", "1", "--spec-default", "--embd-normalize", "2"],
        ["probes that only differ a little"] = s => s.ProbeOverrides = new ProbeOverrides
        {
            Startup = new V1Probe { PeriodSeconds = 5 },
            Liveness = new V1Probe { TcpSocket = new V1TCPSocketAction { Port = 8080 } },
            Readiness = new V1Probe { SuccessThreshold = 2 },
        },
        ["labels, annotations and groups"] = Label("team", "") + Annotation("prometheus.io/scrape", "true") + Security(c => c.SupplementalGroups = [44, 109]),
        ["a variable of each source"] = s => s.Env =
        [
            Env("A"), new V1EnvVar { Name = "EMPTY" }, Env("LLAMA_ARG_HOST"), Env("HF_TOKEN"), Env("LLAMA_ARG_MMPROJ"), new V1EnvVar { Name = "LLAMA_API_KEY", ValueFrom = Secret("keys", "api-key") },
            new V1EnvVar { Name = "MAP", ValueFrom = new V1EnvVarSource { ConfigMapKeyRef = new V1ConfigMapKeySelector { Name = "map", Key = "k" } } },
            new V1EnvVar { Name = "POD_IP", ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = "status.podIP" } } },
            new V1EnvVar { Name = "MEM", ValueFrom = new V1EnvVarSource { ResourceFieldRef = new V1ResourceFieldSelector { Resource = "limits.memory" } } },
        ],
    };

    public static IEnumerable<string> RefusedNames => Refused.Keys;

    public static IEnumerable<string> AcceptedNames => Accepted.Keys;

    [TestCaseSource(nameof(RefusedNames))]
    public void What_can_t_be_is_refused_with_the_field_s_name(string story)
    {
        var problems = ServiceSpecValidator.Validate(A.Service(with: Refused[story].With).Spec);

        Assert.That(problems.Select(p => p.ToString()), Has.One.StartsWith(Refused[story].Want));
    }

    [TestCaseSource(nameof(AcceptedNames))]
    public void What_can_be_is_accepted(string story) => Assert.That(ServiceSpecValidator.Validate(A.Service(with: Accepted[story]).Spec), Is.Empty);

    private static Action<InferenceServiceSpec> Readiness(Action<V1Probe> with) => s =>
    {
        s.ProbeOverrides = new ProbeOverrides { Readiness = new V1Probe() };
        with(s.ProbeOverrides.Readiness);
    };

    private static Action<InferenceServiceSpec> Spread(Action<V1TopologySpreadConstraint> with) => s =>
    {
        s.TopologySpreadConstraints = [new V1TopologySpreadConstraint { MaxSkew = 1, TopologyKey = "zone", WhenUnsatisfiable = "ScheduleAnyway" }];
        with(s.TopologySpreadConstraints[0]);
    };

    private static Action<InferenceServiceSpec> Label(string key, string value) => s => s.PodLabels = new Dictionary<string, string> { [key] = value };

    private static Action<InferenceServiceSpec> Annotation(string key, string value) => s => s.PodAnnotations = new Dictionary<string, string> { [key] = value };

    private static Action<InferenceServiceSpec> Security(Action<V1PodSecurityContext> with) => s => with(s.PodSecurityContext ??= new V1PodSecurityContext());

    private static V1EnvVar Env(string name) => new() { Name = name, Value = "x" };

    private static V1EnvVarSource Secret(string name, string key) => new() { SecretKeyRef = new V1SecretKeySelector { Name = name, Key = key } };
}
