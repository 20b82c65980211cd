using static LlmKube.Operator.LocalCluster.Tests.Conformance.Objects;
using static LlmKube.Operator.LocalCluster.Tests.Conformance.Step;

namespace LlmKube.Operator.LocalCluster.Tests.Conformance;

public sealed class SubresourceTests : BehaviourFixture
{
    private const string Budget = """{"metadata":{"name":"b"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"p"}}}}""";

    private static readonly Dictionary<string, Step[]> Cases = new()
    {
        ["the main endpoint ignores status on create"] = [Post(Widgets, """{"apiVersion":"$group/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"min":1},"status":{"ready":true}}""").Gives(201).Lacks("status")],
        ["the main endpoint ignores status on update"] = [Post(Widgets, Widget("a")), Merge(Widgets + "/a", """{"status":{"ready":true}}""").Gives(200).Lacks("status")],
        ["the status endpoint ignores the spec"] = [Post(Widgets, Widget("a")), Merge(Widgets + "/a/status", """{"spec":{"min":2},"status":{"ready":true}}""").Gives(200).Has("spec.min", "1").Has("status.ready", "true")],
        ["the status endpoint ignores a custom resource's labels"] = [Post(Widgets, Widget("a")), Merge(Widgets + "/a/status", """{"metadata":{"labels":{"x":"y"}},"status":{"ready":true}}""").Gives(200).Lacks("metadata.labels")],
        ["the status of a custom resource is validated"] = [Post(Widgets, Widget("a")), Merge(Widgets + "/a/status", """{"status":{"ready":"yes"}}""").Gives(422, "status.ready: Invalid value: \"string\": ready in body must be of type boolean")],
        ["a status can be read alone"] = [Post(Widgets, Widget("a")), Get(Widgets + "/a/status").Gives(200).Has("spec.min", "1")],
        ["a status update needs a current version"] = [Post(Widgets, Widget("a")), Put(Widgets + "/a/status", Widget("a", "\"min\":1", ",\"resourceVersion\":\"1\"")).Gives(409)],
        ["kinds without status have no status endpoint"] = [Post(Maps, Map("a")), Get(Maps + "/a/status").Gives(404)],
        ["a spec change bumps the generation"] = [Post(Deployments, Deployment("a")).Has("metadata.generation", "1"), Merge(Deployments + "/a", """{"spec":{"replicas":2}}""").Has("metadata.generation", "2")],
        ["labels and status leave the generation"] =
            [Post(Deployments, Deployment("a")), Merge(Deployments + "/a", """{"metadata":{"labels":{"x":"y"}}}""").Has("metadata.generation", "1"), Merge(Deployments + "/a/status", """{"status":{"replicas":1}}""").Has("metadata.generation", "1")],
        ["a client can't set the generation"] = [Post(Widgets, Widget("a", "\"min\":1", ",\"generation\":7")).Gives(201).Has("metadata.generation", "1")],
        ["config maps have no generation"] = [Post(Maps, Map("a")).Gives(201).Lacks("metadata.generation")],
        ["status writers are noted with their subresource"] =
            [Post(Widgets, Widget("a")), Merge(Widgets + "/a/status?fieldManager=s", """{"status":{"ready":true}}""").Has("metadata.managedFields[1].manager", "s").Has("metadata.managedFields[1].subresource", "status")],
        ["a deployment has a scale"] =
            [Post(Deployments, Deployment("a", 3)), Get(Deployments + "/a/scale").Gives(200).Has("kind", "Scale").Has("apiVersion", "autoscaling/v1").Has("spec.replicas", "3").Has("status.replicas", "0").Has("status.selector", "app=a")],
        ["a scale writes replicas"] = [Post(Deployments, Deployment("a")), Merge(Deployments + "/a/scale", """{"spec":{"replicas":4}}""").Gives(200).Has("spec.replicas", "4"), Get(Deployments + "/a").Has("spec.replicas", "4").Has("metadata.generation", "2")],
        ["a custom resource has a scale"] =
        [
            Post(Widgets, Widget("a")), Merge(Widgets + "/a/status", """{"status":{"replicas":1,"selector":"x=y"}}"""), Put(Widgets + "/a/scale", """{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"a","namespace":"$ns"},"spec":{"replicas":5}}""").Gives(200).Has("spec.replicas", "5").Has("status.replicas", "1").Has("status.selector", "x=y"),
            Get(Widgets + "/a").Has("spec.replicas", "5"),
        ],
        ["a pod is bound to a node"] =
        [
            Post(Pods, Pod("a")), Post(Pods + "/a/binding", """{"apiVersion":"v1","kind":"Binding","metadata":{"name":"a"},"target":{"kind":"Node","name":"n1"}}""").Gives(201).Has("status", "Success"),
            Get(Pods + "/a").Has("spec.nodeName", "n1").Has("status.conditions[0].type", "PodScheduled").Has("status.conditions[0].status", "True"),
        ],
        ["a pod is bound once"] =
        [
            Post(Pods, Pod("a", ",\"nodeName\":\"n1\"")), Post(Pods + "/a/binding", """{"apiVersion":"v1","kind":"Binding","metadata":{"name":"a"},"target":{"kind":"Node","name":"n2"}}""").Gives(409).Has("reason", "Conflict"),
        ],
        ["a budget that allows none refuses an eviction"] =
        [
            Post(Budgets, Budget), Post(Pods, Pod("p", ",\"nodeName\":\"n1\"", ",\"labels\":{\"app\":\"p\"}")), Merge(Pods + "/p/status", """{"status":{"phase":"Running"}}"""),
            Post(Pods + "/p/eviction", """{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"}}""").Gives(429, "Cannot evict pod as it would violate the pod's disruption budget.").Has("reason", "TooManyRequests"),
        ],
        ["a budget that allows one lets a pod go"] =
        [
            Post(Budgets, Budget), Merge(Budgets + "/b/status", """{"status":{"observedGeneration":1,"disruptionsAllowed":1,"currentHealthy":2,"desiredHealthy":1,"expectedPods":2}}"""),
            Post(Pods, Pod("p", ",\"nodeName\":\"n1\"", ",\"labels\":{\"app\":\"p\"}")), Merge(Pods + "/p/status", """{"status":{"phase":"Running"}}"""),
            Post(Pods + "/p/eviction", """{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"}}""").Gives(201),
            Get(Budgets + "/b").Has("status.disruptionsAllowed", "0").Has("status.disruptedPods.p", "*"), Get(Pods + "/p").Has("metadata.deletionTimestamp", "*"),
        ],
        ["a pod that doesn't run is evicted whatever the budget"] =
            [Post(Budgets, Budget), Post(Pods, Pod("p", "", ",\"labels\":{\"app\":\"p\"}")), Post(Pods + "/p/eviction", """{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"}}""").Gives(201), Get(Pods + "/p").Gives(404)],
        ["an access review answers"] =
            [Post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", """{"spec":{"resourceAttributes":{"verb":"get","resource":"pods","namespace":"default"}}}""").Gives(201).Has("status.allowed", "true")],
        ["an access review needs a subject"] =
            [Post("/apis/authorization.k8s.io/v1/subjectaccessreviews", """{"spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}}""").Gives(400)],
        ["a token review knows no stranger"] = [Post("/apis/authentication.k8s.io/v1/tokenreviews", """{"spec":{"token":"nobody"}}""").Gives(201).Lacks("status.authenticated")],
        ["a subject review says who asks"] = [Post("/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}").Gives(201).Has("status.userInfo.username", "*")],
    };

    [TestCaseSource(nameof(Stories))]
    public Task Subresources_do_their_part(string story) => RunAsync(Cases[story]);

    private static IEnumerable<string> Stories => Cases.Keys;
}
