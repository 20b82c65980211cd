using CsCheck;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Scheduling;

namespace LlmKube.Operator.LocalCluster.Tests.Scheduling;

public sealed class SchedulingTests
{
    private static readonly Dictionary<string, (V1Pod Pod, NodeState Node, string? Want)> FilterCases = new()
    {
        ["an empty node takes a pod"] = (Pod(), Node(), null),
        ["a cordoned node takes none"] = (Pod(), Node(n => n.Spec.Unschedulable = true), "node(s) were unschedulable"),
        ["a taint keeps pods away"] = (Pod(), Node(n => n.Spec.Taints = [new() { Key = "gpu", Value = "yes", Effect = "NoSchedule" }]), "node(s) had untolerated taint {gpu: yes}"),
        ["a toleration lets them in"] = (Pod(p => p.Tolerations = [new() { Key = "gpu", OperatorProperty = "Equal", Value = "yes", Effect = "NoSchedule" }]),
            Node(n => n.Spec.Taints = [new() { Key = "gpu", Value = "yes", Effect = "NoSchedule" }]), null),
        ["so does one for every value"] = (Pod(p => p.Tolerations = [new() { Key = "gpu", OperatorProperty = "Exists" }]),
            Node(n => n.Spec.Taints = [new() { Key = "gpu", Value = "yes", Effect = "NoSchedule" }]), null),
        ["a soft taint is no obstacle"] = (Pod(), Node(n => n.Spec.Taints = [new() { Key = "gpu", Effect = "PreferNoSchedule" }]), null),
        ["a selector that doesn't match"] = (Pod(p => p.NodeSelector = new Dictionary<string, string> { ["zone"] = "b" }), Node(), "node(s) didn't match Pod's node affinity/selector"),
        ["a selector that matches"] = (Pod(p => p.NodeSelector = new Dictionary<string, string> { ["zone"] = "a" }), Node(), null),
        ["affinity by expression"] = (Pod(p => p.Affinity = NodeAffinity("zone", "NotIn", "a")), Node(), "node(s) didn't match Pod's node affinity/selector"),
        ["greater than, as a number"] = (Pod(p => p.Affinity = NodeAffinity("generation", "Gt", "9")), Node(), null),
        ["a GPU that isn't there"] = (Pod(Gpus(1)), Node(), "Insufficient nvidia.com/gpu"),
        ["a GPU that is taken"] = (Pod(Gpus(1)), Node(gpus: 2, pods: [Pod(Gpus(2))]), "Insufficient nvidia.com/gpu"),
        ["a GPU that is left"] = (Pod(Gpus(1)), Node(gpus: 2, pods: [Pod(Gpus(1))]), null),
        ["all that is missing is said"] = (Pod(Requests(("cpu", "99"), ("memory", "999Gi"))), Node(), "Insufficient cpu;Insufficient memory"),
        ["a limit is a request"] = (Pod(p => p.Containers[0].Resources = new() { Limits = new Dictionary<string, ResourceQuantity> { ["nvidia.com/gpu"] = new("1") } }), Node(), "Insufficient nvidia.com/gpu"),
        ["the largest init container counts"] = (Pod(p => p.InitContainers = [new() { Name = "init", Resources = Resources(("cpu", "99")) }]), Node(), "Insufficient cpu"),
        ["no place for another pod"] = (Pod(), Node(n => n.Status.Allocatable["pods"] = new("0")), "Too many pods"),
        ["a host port that is taken"] = (Pod(HostPort), Node(pods: [Pod(HostPort)]), "node(s) didn't have free ports for the requested pod ports"),
    };

    public static IEnumerable<string> FilterStories => FilterCases.Keys;

    [TestCaseSource(nameof(FilterStories))]
    public void A_node_takes_a_pod_or_says_why_not(string story)
    {
        var (pod, node, want) = FilterCases[story];
        var state = new PodState(pod);
        var rejection = Filters.Check(state, node, VolumeNeeds.None, AffinityView.For(state, [node], _ => null));
        Assert.That(rejection is null ? null : string.Join(';', rejection.Reasons), Is.EqualTo(want));
    }

    [Test]
    public void A_volume_binds_a_pod_to_its_node()
    {
        var volume = new V1PersistentVolume
        {
            Spec = new() { NodeAffinity = new() { Required = new() { NodeSelectorTerms = [new() { MatchExpressions = [new() { Key = "kubernetes.io/hostname", OperatorProperty = "In", Values = ["n2"] }] }] } } },
        };
        var pod = new PodState(Pod());
        var nodes = new[] { Node(name: "n1"), Node(name: "n2") };
        var answers = nodes.Select(n => Filters.Check(pod, n, new([volume], []), AffinityView.For(pod, nodes, _ => null))?.Reasons[0]);
        Assert.That(answers, Is.EqualTo(new[] { "node(s) didn't match PersistentVolume's node affinity", null }));
    }

    [Test]
    public void Pods_that_want_each_other_share_a_node_and_pods_that_do_not_spread()
    {
        var cache = new Dictionary<string, string> { ["app"] = "cache" };
        var held = Pod(labels: cache);
        NodeState[] nodes = [Node(name: "n1", pods: [held]), Node(name: "n2")];

        Assert.That(Reasons(Pod(p => p.Affinity = PodAffinity(cache))), Is.EqualTo(new[] { null, "node(s) didn't match pod affinity rules" }));
        Assert.That(Reasons(Pod(p => p.Affinity = AntiAffinity(cache))), Is.EqualTo(new[] { "node(s) didn't match pod anti-affinity rules", null }));
        Assert.That(Reasons(Pod(p => p.Affinity = PodAffinity(cache), labels: cache, ns: "other")), Is.EqualTo(new string?[] { null, null }), "the first of its group goes anywhere");

        nodes = [Node(name: "n1", pods: [Pod(p => p.Affinity = AntiAffinity(cache))]), Node(name: "n2")];
        Assert.That(Reasons(held), Is.EqualTo(new[] { "node(s) didn't satisfy existing pods anti-affinity rules", null }));

        IEnumerable<string?> Reasons(V1Pod pod)
        {
            var state = new PodState(pod);
            var view = AffinityView.For(state, nodes, _ => null);
            return [.. nodes.Select(n => Filters.Check(state, n, VolumeNeeds.None, view)?.Reasons[0])];
        }
    }

    [Test]
    public void A_pod_is_near_if_all_terms_mean_the_same_one()
    {
        var (cache, gateway) = (new Dictionary<string, string> { ["app"] = "cache" }, new Dictionary<string, string> { ["tier"] = "gateway" });
        var both = new Dictionary<string, string> { ["app"] = "cache", ["tier"] = "gateway" };
        var terms = new[] { cache, gateway }.SelectMany(l => PodAffinity(l).PodAffinity.RequiredDuringSchedulingIgnoredDuringExecution).ToList();
        var state = new PodState(Pod(p => p.Affinity = new() { PodAffinity = new() { RequiredDuringSchedulingIgnoredDuringExecution = terms } }));
        NodeState[] nodes = [Node(name: "n1", pods: [Pod(labels: cache), Pod(labels: gateway)]), Node(name: "n2", pods: [Pod(labels: both)])];

        var view = AffinityView.For(state, nodes, _ => null);

        Assert.That(nodes.Select(n => Filters.Check(state, n, VolumeNeeds.None, view)?.Reasons[0]), Is.EqualTo(new[] { "node(s) didn't match pod affinity rules", null }));
    }

    [Test]
    public void The_message_is_the_real_schedulers()
    {
        var gpu = new Rejection(["Insufficient nvidia.com/gpu"], false);
        var taint = new Rejection(["node(s) had untolerated taint {a: b}"], true);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(FitMessage.Of([gpu, gpu, gpu], true), Is.EqualTo(
                "0/3 nodes are available: 3 Insufficient nvidia.com/gpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."));
            Assert.That(FitMessage.Of([gpu, gpu, taint], true), Is.EqualTo(
                "0/3 nodes are available: 1 node(s) had untolerated taint {a: b}, 2 Insufficient nvidia.com/gpu. "
                + "preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod."));
            Assert.That(FitMessage.Of([gpu], false), Is.EqualTo("0/1 nodes are available: 1 Insufficient nvidia.com/gpu. preemption: not eligible due to preemptionPolicy=Never."));
            Assert.That(FitMessage.Of([.. Enumerable.Repeat(gpu, 10), taint, taint, new Rejection(["Too many pods", "Insufficient cpu"], false)], true), Is.EqualTo(
                "0/13 nodes are available: 1 Insufficient cpu, 1 Too many pods, 10 Insufficient nvidia.com/gpu, 2 node(s) had untolerated taint {a: b}. "
                + "preemption: 0/13 nodes are available: 11 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling."));
            Assert.That(FitMessage.OfPreempting([gpu, taint], victimsLeave: false), Is.EqualTo("0/2 nodes are available: 1 Insufficient nvidia.com/gpu, 1 node(s) had untolerated taint {a: b}."));
            Assert.That(FitMessage.OfPreempting([gpu], victimsLeave: true), Is.EqualTo(
                "0/1 nodes are available: 1 Insufficient nvidia.com/gpu. preemption: not eligible due to a terminating pod on the nominated node."));
            Assert.That(FitMessage.Of([], true), Is.EqualTo("no nodes available to schedule pods"));
            Assert.That(FitMessage.Of(2, "pod has unbound immediate PersistentVolumeClaims", true), Is.EqualTo(
                "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."));
        }
    }

    [Test]
    public void The_emptier_node_is_better_unless_a_preference_says_otherwise()
    {
        NodeState[] nodes = [Node(name: "full", pods: [Pod(Requests(("cpu", "8")))]), Node(name: "idle")];
        Assert.That(Best(Pod(Requests(("cpu", "1")))), Is.EqualTo("idle"));
        var prefers = Pod(p => p.Affinity = new()
        {
            NodeAffinity = new()
            {
                PreferredDuringSchedulingIgnoredDuringExecution =
                    [new() { Weight = 100, Preference = new() { MatchExpressions = [new() { Key = "kubernetes.io/hostname", OperatorProperty = "In", Values = ["full"] }] } }],
            },
        });
        Assert.That(Best(prefers), Is.EqualTo("full"));

        string? Best(V1Pod pod)
        {
            var state = new PodState(pod);
            return Scores.Best(state, nodes, AffinityView.For(state, nodes, _ => null))?.Name;
        }
    }

    [Test]
    public void Placing_pods_never_overcommits_a_node()
    {
        var demand = from cpu in Gen.Int[0, 8] from memory in Gen.Int[0, 40] from gpus in Gen.Int[0, 3] select (cpu, memory, gpus);
        var scenarios = from nodes in Gen.Int[1, 4] from gpus in Gen.Int[0, 4] from pods in demand.Array[1, 40] select (nodes, gpus, pods);
        scenarios.Sample(s =>
        {
            var nodes = Enumerable.Range(0, s.nodes).Select(i => Node(name: $"n{i}", gpus: s.gpus)).ToList();
            foreach (var (cpu, memory, gpus) in s.pods)
            {
                var pod = new PodState(Pod(Requests(("cpu", $"{cpu}"), ("memory", $"{memory}Gi"), ("nvidia.com/gpu", $"{gpus}"))));
                var view = AffinityView.For(pod, nodes, _ => null);
                var feasible = nodes.Where(n => Filters.Check(pod, n, VolumeNeeds.None, view) is null).ToList();
                Scores.Best(pod, feasible, view)?.Put(pod);
            }

            foreach (var node in nodes)
            {
                foreach (var (resource, used) in node.Used) Assert.That(used, Is.LessThanOrEqualTo(node.Allocatable(resource)), resource);
            }
        });
    }

    [Test]
    public void Preemption_takes_lower_pods_only_and_no_more_than_it_needs()
    {
        var running = from gpus in Gen.Int[1, 2] from priority in Gen.Int[0, 5] select (gpus, priority);
        var scenarios = from first in running.Array[0, 4] from second in running.Array[0, 4] from gpus in Gen.Int[1, 4] from priority in Gen.Int[0, 5] select (first, second, gpus, priority);
        scenarios.Sample(s =>
        {
            var nodes = new[] { s.first, s.second }.Select((pods, i) => Node(name: $"n{i}", gpus: 4, pods: Fitting(pods))).ToList();
            var pod = new PodState(Pod(Gpus(s.gpus)), s.priority);
            bool Fits(NodeState node) => Filters.Check(pod, node, VolumeNeeds.None, AffinityView.For(pod, [node], _ => null)) is null;
            if (Preemption.Choose(pod, nodes.Where(n => !Fits(n)), Fits) is not var (target, victims)) return;
            Assert.That(victims.Select(v => v.Priority), Has.All.LessThan(s.priority));
            Assert.That(Fits(target.Without(victims)), Is.True);
            foreach (var spared in victims) Assert.That(Fits(target.Without(victims.Where(v => v != spared))), Is.False, "a victim too many");
        });

        static V1Pod[] Fitting((int Gpus, int Priority)[] pods)
        {
            var left = 4;
            return [.. pods.Where(p => (left -= p.Gpus) >= 0).Select(p => Pod(spec => { Gpus(p.Gpus)(spec); spec.Priority = p.Priority; }))];
        }
    }

    private static void HostPort(V1PodSpec spec) => spec.Containers[0].Ports = [new() { ContainerPort = 80, HostPort = 8080 }];

    private static Action<V1PodSpec> Gpus(int count) => Requests(("nvidia.com/gpu", $"{count}"));

    private static Action<V1PodSpec> Requests(params (string, string)[] requests) => spec => spec.Containers[0].Resources = Resources(requests);

    private static V1ResourceRequirements Resources(params (string Name, string Amount)[] requests) =>
        new() { Requests = requests.ToDictionary(r => r.Name, r => new ResourceQuantity(r.Amount)) };

    private static V1Affinity NodeAffinity(string key, string op, string value) => new()
    {
        NodeAffinity = new()
        {
            RequiredDuringSchedulingIgnoredDuringExecution = new() { NodeSelectorTerms = [new() { MatchExpressions = [new() { Key = key, OperatorProperty = op, Values = [value] }] }] },
        },
    };

    private static V1Affinity PodAffinity(Dictionary<string, string> labels) => new() { PodAffinity = new() { RequiredDuringSchedulingIgnoredDuringExecution = [Term(labels)] } };

    private static V1Affinity AntiAffinity(Dictionary<string, string> labels) => new() { PodAntiAffinity = new() { RequiredDuringSchedulingIgnoredDuringExecution = [Term(labels)] } };

    private static V1PodAffinityTerm Term(Dictionary<string, string> labels) => new() { TopologyKey = "kubernetes.io/hostname", LabelSelector = new() { MatchLabels = labels } };

    private static V1Pod Pod(Action<V1PodSpec>? spec = null, Dictionary<string, string>? labels = null, string ns = "ns")
    {
        var pod = new V1Pod
        {
            Metadata = new() { Name = "pod", NamespaceProperty = ns, Uid = Guid.NewGuid().ToString(), Labels = labels },
            Spec = new() { Containers = [new() { Name = "main" }] },
        };
        spec?.Invoke(pod.Spec);
        return pod;
    }

    private static NodeState Node(Action<V1Node>? change = null, string name = "n1", int gpus = 0, V1Pod[]? pods = null)
    {
        var node = new V1Node
        {
            Metadata = new() { Name = name, Labels = new Dictionary<string, string> { ["zone"] = "a", ["generation"] = "10", ["kubernetes.io/hostname"] = name } },
            Spec = new(),
            Status = new()
            {
                Allocatable = new Dictionary<string, ResourceQuantity>
                {
                    ["cpu"] = new("16"),
                    ["memory"] = new("64Gi"),
                    ["pods"] = new("110"),
                    ["nvidia.com/gpu"] = new($"{gpus}"),
                },
            },
        };
        change?.Invoke(node);
        var state = new NodeState(node);
        foreach (var pod in pods ?? []) state.Put(new(pod));
        return state;
    }
}
