using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>How the weights come into the pods of a service, and what becomes of it.</summary>
internal sealed class WeightsTests
{
    private static readonly Action<InferenceServiceSpec> s_ephemeral = s => s.ModelCache = new ModelCacheSpec { Persistence = CachePersistences.Ephemeral };

    private static readonly Dictionary<string, Func<ServiceSnapshot>> Deployments = new()
    {
        ["on-a-shared-claim"] = () => A.Seen() with { Claim = A.Claim(modes: "ReadWriteMany") },
        ["on-a-claim-of-the-users"] = () => On("fast"),
        ["from-a-file-in-a-claim"] = () => A.Seen(model: A.Model(with: m => m.Source = "pvc://weights/llama/m-00001-of-00002.gguf")) with { Claim = A.Claim("weights") },
        ["ephemeral"] = () => Ephemeral(),
        ["ephemeral-with-secret-authorities-and-proxy"] = () => Ephemeral(m =>
        {
            (m.SourceSecretRef, m.CaCertConfigMapRef) = (new V1LocalObjectReference { Name = "token" }, new V1LocalObjectReference { Name = "company-ca" });
            (m.Source, m.Sha256) = ("hf://org/repo/m.gguf", new string('A', 64));
        }) with
        { Options = new OperatorOptions { Proxies = new([("https_proxy", "http://proxy.example:3128")], []) } },
        ["ephemeral-in-pods-as-users-want-them"] = () => Wanted(Ephemeral()),
        ["beside-pods-of-the-users-choice"] = () => A.Seen(A.Service(with: s => s.Affinity = Near("app", "gateway"))),
    };

    public static IEnumerable<string> DeploymentNames => Deployments.Keys;

    [TestCaseSource(nameof(DeploymentNames))]
    public void A_Deployment_looks_like_this(string name) =>
        Golden.Match($"InferenceServices/Weights/{name}.yaml", KubernetesYaml.Serialize(Built(Deployments[name]())).ReplaceLineEndings("\n").TrimEnd() + "\n");

    private static readonly Dictionary<string, (Func<ServiceSnapshot> Seen, string? Claim)> Files = new()
    {
        ["of the namespace's claim"] = (() => A.Seen(), CacheDefaults.ClaimName),
        ["of a claim of the user's"] = (() => On("fast"), "fast"),
        ["that each pod fetches for itself"] = (() => Ephemeral(), null),
    };

    private static IEnumerable<string> FileNames => Files.Keys;

    [TestCaseSource(nameof(FileNames))]
    public void A_pod_says_which_file_it_serves_also_by_what_a_store_keeps_of_it(string file)
    {
        var key = CacheKey.Of(A.Model().Spec.Source);
        var spec = Built(Files[file].Seen()).Spec.Template.Spec;
        var kept = new V1PodSpec { Containers = [.. spec.Containers.Select(c => new V1Container { Args = ServedFile.ReadOf(c) })], Volumes = ServedFile.ReadOf(spec) };

        foreach (var pod in (V1PodSpec[])[spec, kept])
        {
            var served = ServedFile.Of(new V1Pod { Spec = pod })!;
            Assert.That((served.Path, served.Claim), Is.EqualTo(($"/models/{key}/model.gguf", Files[file].Claim)));
            Assert.That((served.IsOf(key), served.IsOf(CacheKey.Of("https://models.example/other.gguf"))), Is.EqualTo((true, false)));
        }
    }

    private static readonly Dictionary<string, (Action<V1Deployment> With, Func<V1Deployment, V1Pod[]> Pods, string[] Names)> Servers = new()
    {
        ["its pods"] = (_ => { }, d => [Of(d, "chat-1"), Of(d, "chat-2")], ["chat-1", "chat-2"]),
        ["the next one, if there is none for a moment"] = (_ => { }, _ => [], ["next"]),
        ["none, if none is wanted"] = (d => d.Spec.Replicas = 0, _ => [], []),
        ["none, if it is on its way out"] = (d => d.Metadata.DeletionTimestamp = A.Earlier, _ => [], []),
        ["its last pods, if it serves something else by now"] = (d => d.Spec.Template.Spec.Containers[0].Args[1] = "/models/other/model.gguf", d => [Of(Built(A.Seen()), "chat-1"), Of(d, "chat-2")], ["chat-1"]),
        ["none of those that don't say what they serve"] = (_ => { }, _ => [A.Pod("older")], ["next"]),
    };

    private static IEnumerable<string> ServerNames => Servers.Keys;

    [TestCaseSource(nameof(ServerNames))]
    public void Those_that_serve_a_file_of_a_Deployment_are(string name)
    {
        var (with, pods, names) = Servers[name];
        var deployment = Built(A.Seen());
        with(deployment);
        deployment.Spec.Template.Metadata.Name = "next";

        var servers = ServedFile.ServersOf(CacheKey.Of(A.Model().Spec), pods(deployment), [deployment]);

        Assert.That(servers.Select(p => p.Metadata.Name), Is.EqualTo(names));
        Assert.That(servers.Select(ServiceNames.OfPod), Is.All.EqualTo("chat"));
    }

    [Test]
    public void A_newer_operator_alone_replaces_no_pod_and_another_source_does()
    {
        var before = Built(Ephemeral());
        before.Metadata.Uid = "uid-of-deployment";
        var newer = Ephemeral() with { Image = "llmkube-operator:2", Deployment = before };

        Assert.That(ImageOf(Built(newer)), Is.EqualTo("llmkube-operator:1"));
        Assert.That(ImageOf(Built(newer with { Model = A.Model(with: m => m.Source = "https://models.example/other.gguf") })), Is.EqualTo("llmkube-operator:2"));

        static string ImageOf(V1Deployment deployment) => deployment.Spec.Template.Spec.InitContainers.Single().Image;
    }

    [Test]
    public void An_init_container_whose_arguments_somebody_took_away_gets_them_back()
    {
        var before = Built(Ephemeral());
        before.Spec.Template.Spec.InitContainers[0].Args = null;

        var after = Built(Ephemeral() with { Deployment = before });

        Assert.That(after.Spec.Template.Spec.InitContainers[0].Args, Is.Not.Empty);
    }

    [TestCase(null, true, TestName = "The_namespaces_claim_is_ready")]
    [TestCase("fast", false, TestName = "A_claim_that_the_status_does_not_speak_of_is_not")]
    public void A_Model_is_ready_in_a_claim(string? claim, bool isReady)
    {
        var spec = A.Service(with: s => s.ModelCache = new ModelCacheSpec { ClaimName = claim }).Spec;

        Assert.That(ModelReadiness.Obstacle(spec, A.Model()) is null, Is.EqualTo(isReady));
    }

    [TestCase(ModelPhases.Pending, null)]
    [TestCase(ModelPhases.Downloading, null)]
    [TestCase(ModelPhases.Ready, null)]
    [TestCase(ModelPhases.Failed, Reasons.ModelFailed)]
    [TestCase(null, Reasons.ModelNotReady)]
    public void Pods_that_fetch_for_themselves_wait_for_no_one_elses_fetch(string? phase, string? reason) =>
        Assert.That(ModelReadiness.Obstacle(A.Service(with: s_ephemeral).Spec, A.Model(phase))?.Reason, Is.EqualTo(reason));

    [Test]
    public void What_pods_are_to_fetch_is_no_cache_for_others()
    {
        var model = A.Model();
        model.Status.Conditions = [new V1Condition { Type = ConditionTypes.Available, Status = "True", Reason = Reasons.FetchedByPods }];

        Assert.That(ModelReadiness.Obstacle(A.Service().Spec, model)?.Reason, Is.EqualTo(Reasons.ModelNotReady));
        Assert.That(ModelReadiness.Obstacle(A.Service(with: s_ephemeral).Spec, model), Is.Null);
    }

    [TestCase("fast", null)]
    [TestCase(null, CachePersistences.Ephemeral)]
    public void A_file_in_a_claim_is_served_from_there_and_nowhere_else(string? claim, string? persistence)
    {
        var service = A.Service(with: s => s.ModelCache = new ModelCacheSpec { ClaimName = claim, Persistence = persistence });

        var decision = ServiceDecider.Decide(A.Seen(service, A.Model(with: m => m.Source = "pvc://weights/m.gguf")));

        Assert.That(decision.Actions, Is.Empty);
        Assert.That(decision.Status.Conditions.Find(ConditionTypes.Degraded)!.Message, Does.StartWith("spec.modelCache: has no effect with the Model's source pvc://weights/m.gguf"));
    }

    [Test]
    public void A_claim_that_has_gone_is_waited_for_and_no_pod_is_touched()
    {
        var decision = ServiceDecider.Decide(A.Seen() with { Claim = null });

        Assert.That((decision.Status.Phase, decision.Actions.Count), Is.EqualTo((InferenceServicePhases.Pending, 0)));
    }

    private static readonly Dictionary<string, (V1ContainerStatus Status, string? Reason, string Says)> Fetches = new()
    {
        ["a first failure is told in the fetch's words"] = (Ended(Failed(Reasons.SourceNotFound, "there is none")), Reasons.SourceNotFound, "there is none"),
        ["as long as it is tried again"] = (Again(Failed(Reasons.SourceUnreachable, "the connection broke at byte 17")), Reasons.SourceUnreachable, "the connection broke"),
        ["a crash without a word"] = (Ended("Segmentation fault"), Reasons.DownloadFailed, "the fetch ended with exit code 3: Segmentation fault"),
        ["an end by a signal is none"] = (Ended("", ExitCodes.Interrupted), null, ""),
        ["one that runs is none"] = (new() { Name = FetchContainer.Name, State = new V1ContainerState { Running = new V1ContainerStateRunning() } }, null, ""),
    };

    public static IEnumerable<string> FetchNames => Fetches.Keys;

    [TestCaseSource(nameof(FetchNames))]
    public void A_fetch_of_a_pods_own_that_fails_is_the_services_trouble(string name)
    {
        var (status, reason, says) = Fetches[name];
        var pod = A.Pod("a");
        pod.Status.ContainerStatuses = null;
        pod.Status.InitContainerStatuses = [status];
        var seen = Ephemeral() with { AllPods = [pod] };

        var trouble = ServiceDecider.Decide(seen).Status.Conditions.Find(ConditionTypes.Degraded);

        Assert.That(trouble?.Reason, Is.EqualTo(reason));
        Assert.That(trouble?.Message ?? "", Does.StartWith(says));
    }

    [TestCase(true, "0/2 nodes are available: 1 Insufficient nvidia.com/gpu, 1 node(s) didn't match pod affinity rules.", true)]
    [TestCase(true, "0/2 nodes are available: 2 node(s) had volume node affinity conflict.", true)]
    [TestCase(true, "0/2 nodes are available: 2 Insufficient nvidia.com/gpu.", false)]
    [TestCase(false, "0/2 nodes are available: 2 node(s) didn't match pod affinity rules.", false, TestName = "On_a_claim_that_nodes_share_the_user_keeps_pods_together")]
    public void That_a_claim_ties_pods_to_a_node_is_told_with_its_cures(bool isTied, string words, bool isTold)
    {
        var pod = A.Unschedulable("a", words: words);
        if (isTied) pod.Metadata.Labels[Labels.Cache] = CacheDefaults.ClaimName;

        var decision = ServiceDecider.Decide(A.Seen(model: A.GpuModel(), pods: [pod]));

        var told = decision.Status.Conditions.Find(ConditionTypes.CacheSingleNode);
        Assert.That(told is { Status: "True" }, Is.EqualTo(isTold));
        Assert.That(decision.Announcements.Any(a => a.Reason == Reasons.CacheSingleNode), Is.EqualTo(isTold));
        if (isTold) Assert.That(told!.Message, Does.Contain("claim llmkube-model-cache").And.Contain("ReadWriteMany").And.Contain("spec.modelCache.claimName").And.Contain("Ephemeral"));
    }

    [Test]
    public void A_service_whose_fetch_its_claim_keeps_away_says_so_too()
    {
        var model = A.Model(ModelPhases.Pending);
        model.Status.Conditions = [new V1Condition { Type = ConditionTypes.Degraded, Status = "True", Reason = Reasons.CacheSingleNode, Message = "no" }];

        Assert.That(ServiceDecider.Decide(A.Seen(model: model)).Status.Conditions.IsTrue(ConditionTypes.CacheSingleNode), Is.True);
    }

    private static V1Deployment Built(ServiceSnapshot seen) => ServiceDecider.Decide(seen).Actions.OfType<DesiredAction.Apply>().Select(a => a.Desired).OfType<V1Deployment>().Single();

    private static V1Pod Of(V1Deployment deployment, string name) =>
        new() { Metadata = new V1ObjectMeta { Name = name, Labels = deployment.Spec.Template.Metadata.Labels }, Spec = deployment.Spec.Template.Spec };

    private static ServiceSnapshot On(string claim)
    {
        var model = A.Model();
        model.Status.Caches = [new ModelCacheStatus { ClaimName = claim, Phase = ModelPhases.Ready }];
        return A.Seen(A.Service(with: s => s.ModelCache = new ModelCacheSpec { ClaimName = claim }), model) with { Claim = A.Claim(claim) };
    }

    private static ServiceSnapshot Wanted(ServiceSnapshot seen)
    {
        GoldenChildrenTests.PodsOf(seen.Service.Spec);
        return seen;
    }

    private static ServiceSnapshot Ephemeral(Action<ModelSpec>? with = null) => A.Seen(A.Service(with: s_ephemeral), A.Model(with: with)) with { Claim = null };

    private static V1Affinity Near(string label, string value) => new()
    {
        PodAffinity = new V1PodAffinity
        {
            RequiredDuringSchedulingIgnoredDuringExecution =
                [new V1PodAffinityTerm { TopologyKey = "topology.kubernetes.io/zone", LabelSelector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { [label] = value } } }],
        },
    };

    private static string Failed(string reason, string message) => TerminationMessage.Format(new FetchReport { Complete = false, Reason = reason, Message = message });

    private static V1ContainerState Terminated(string message, int exitCode) => new() { Terminated = new V1ContainerStateTerminated { ExitCode = exitCode, Message = message, Reason = "Error" } };

    private static V1ContainerStatus Ended(string message, int exitCode = ExitCodes.Terminal) => new() { Name = FetchContainer.Name, State = Terminated(message, exitCode) };

    private static V1ContainerStatus Again(string message) => new()
    {
        Name = FetchContainer.Name,
        RestartCount = 1,
        State = new V1ContainerState { Running = new V1ContainerStateRunning() },
        LastState = Terminated(message, ExitCodes.TryLater),
    };
}
