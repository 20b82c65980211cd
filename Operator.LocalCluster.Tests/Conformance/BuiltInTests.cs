using static LlmKube.Operator.LocalCluster.Tests.Conformance.Objects;
using static LlmKube.Operator.LocalCluster.Tests.Conformance.Step;

namespace LlmKube.Operator.LocalCluster.Tests.Conformance;

public sealed class BuiltInTests : BehaviourFixture
{
    private static readonly Dictionary<string, Step[]> Cases = new()
    {
        ["a pod starts pending with its defaults"] =
        [
            Post(Pods, Pod("a")).Gives(201).Has("status.phase", "Pending").Has("status.qosClass", "BestEffort").Has("spec.restartPolicy", "Always").Has("spec.terminationGracePeriodSeconds", "30")
                .Has("spec.dnsPolicy", "ClusterFirst").Has("spec.schedulerName", "default-scheduler").Has("spec.containers[0].imagePullPolicy", "IfNotPresent").Has("spec.containers[0].terminationMessagePath", "/dev/termination-log"),
        ],
        ["an image without a tag is always pulled"] = [Post(Pods, Pod("a").Replace("i:1", "i", StringComparison.Ordinal)).Has("spec.containers[0].imagePullPolicy", "Always")],
        ["limits become requests"] = [Post(Pods, Pod("a").Replace("\"image\":\"i:1\"", "\"image\":\"i:1\",\"resources\":{\"limits\":{\"cpu\":\"1\",\"memory\":\"1Gi\"}}", StringComparison.Ordinal)).Has("spec.containers[0].resources.requests.memory", "1Gi").Has("status.qosClass", "Guaranteed")],
        ["a pod needs containers"] = [Post(Pods, """{"metadata":{"name":"a"},"spec":{"containers":[]}}""").Gives(422, "spec.containers: Required value")],
        ["a container needs an image"] = [Post(Pods, """{"metadata":{"name":"a"},"spec":{"containers":[{"name":"c"}]}}""").Gives(422, "spec.containers[0].image: Required value")],
        ["container names are unique"] = [Post(Pods, """{"metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"i"},{"name":"c","image":"i"}]}}""").Gives(422, "spec.containers[1].name: Duplicate value: \"c\"")],
        ["a container port is in range"] = [Post(Pods, """{"metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":70000}]}]}}""").Gives(422, "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive")],
        ["a mount needs its volume"] = [Post(Pods, """{"metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"i","volumeMounts":[{"name":"v","mountPath":"/v"}]}]}}""").Gives(422, "spec.containers[0].volumeMounts[0].name: Not found: \"v\"")],
        ["an unknown restart policy is refused"] = [Post(Pods, Pod("a", ",\"restartPolicy\":\"Sometimes\"")).Gives(422, "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: ")],
        ["a request above its limit is refused"] = [Post(Pods, Pod("a").Replace("\"image\":\"i:1\"", "\"image\":\"i:1\",\"resources\":{\"limits\":{\"cpu\":\"1\"},\"requests\":{\"cpu\":\"2\"}}", StringComparison.Ordinal)).Gives(422, "must be less than or equal to cpu limit of 1")],
        ["a quantity that is none is refused"] = [Post(Pods, Pod("a").Replace("\"image\":\"i:1\"", "\"image\":\"i:1\",\"resources\":{\"limits\":{\"cpu\":\"abc\"}}", StringComparison.Ordinal)).Gives(400, "quantities must match the regular expression")],
        ["a pod's spec hardly changes"] = [Post(Pods, Pod("a")), Merge(Pods + "/a", """{"spec":{"restartPolicy":"Never"}}""").Gives(422, "spec: Forbidden: pod updates may not change fields other than")],
        ["a pod's image may change"] = [Post(Pods, Pod("a")), Strategic(Pods + "/a", """{"spec":{"containers":[{"name":"c","image":"j:1"}]}}""").Gives(200).Has("spec.containers[0].image", "j:1")],
        ["a deployment has its defaults"] =
            [Post(Deployments, Deployment("a")).Gives(201).Has("spec.progressDeadlineSeconds", "600").Has("spec.revisionHistoryLimit", "10").Has("spec.strategy.type", "RollingUpdate").Has("spec.strategy.rollingUpdate.maxUnavailable", "25%")],
        ["a deployment has a status from the start"] = [Post(Deployments, Deployment("a")).Gives(201).Has("status", "*")],
        ["a deployment's selector is immutable"] =
            [Post(Deployments, Deployment("a")), Merge(Deployments + "/a", """{"spec":{"selector":{"matchLabels":{"app":"x"}},"template":{"metadata":{"labels":{"app":"x"}}}}}""").Gives(422, "spec.selector: Invalid value:", "field is immutable")],
        ["a deployment's selector matches its template"] = [Post(Deployments, Deployment("a").Replace("\"matchLabels\":{\"app\":\"a\"}", "\"matchLabels\":{\"app\":\"b\"}", StringComparison.Ordinal)).Gives(422, "`selector` does not match template `labels`")],
        ["a deployment needs a selector"] = [Post(Deployments, """{"metadata":{"name":"a"},"spec":{"template":{"metadata":{"labels":{"x":"y"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""").Gives(422, "spec.selector: Required value")],
        ["negative replicas are refused"] = [Post(Deployments, Deployment("a", -1)).Gives(422, "spec.replicas: Invalid value: -1: must be greater than or equal to 0")],
        ["a deployment's template errors have their path"] = [Post(Deployments, Deployment("a", 1, "")).Gives(422, "Deployment.apps \"a\" is invalid: spec.template.spec.containers[0].image: Required value")],
        ["a job selects its own pods"] =
            [Post(Jobs, Job("a")).Gives(201).Has("spec.template.metadata.labels.batch~kubernetes~io/job-name", "a").Has("spec.selector.matchLabels.batch~kubernetes~io/controller-uid", "*").Has("spec.backoffLimit", "6").Has("spec.completions", "1").Has("spec.parallelism", "1")],
        ["a job's pods don't always restart"] = [Post(Jobs, Job("a", "Always")).Gives(422, "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"")],
        ["a job's template is immutable"] = [Post(Jobs, Job("a")), Strategic(Jobs + "/a", """{"spec":{"template":{"spec":{"containers":[{"name":"c","image":"j"}]}}}}""").Gives(422, "spec.template: Invalid value", "field is immutable")],
        ["a job's parallelism may change"] = [Post(Jobs, Job("a")), Merge(Jobs + "/a", """{"spec":{"parallelism":2}}""").Gives(200)],
        ["a service gets an address"] =
            [Post(Services, Service("a")).Gives(201).Has("spec.clusterIP", "*").Has("spec.clusterIPs[0]", "*").Has("spec.type", "ClusterIP").Has("spec.sessionAffinity", "None").Has("spec.ports[0].protocol", "TCP").Has("spec.ports[0].targetPort", "80").Lacks("spec.ports[0].nodePort")],
        ["who creates a service does not own its address"] =
            [Post(Services, Service("a")).Gives(201).Has("metadata.managedFields[0].fieldsV1.f:spec.f:type", "*").Lacks("metadata.managedFields[0].fieldsV1.f:spec.f:clusterIP")],
        ["a headless service has none"] = [Post(Services, Service("a", "\"clusterIP\":\"None\",\"ports\":[{\"port\":80}]")).Gives(201).Has("spec.clusterIP", "None")],
        ["a node port service gets a port"] = [Post(Services, Service("a", "\"type\":\"NodePort\",\"ports\":[{\"port\":80}]")).Gives(201).Has("spec.ports[0].nodePort", "*").Has("spec.externalTrafficPolicy", "Cluster")],
        ["a service keeps its address"] = [Post(Services, Service("a", "\"clusterIP\":\"10.96.200.7\",\"ports\":[{\"port\":80}]")), Put(Services + "/a", Service("a")).Gives(200).Has("spec.clusterIP", "10.96.200.7")],
        ["a service's address is immutable"] = [Post(Services, Service("a")), Merge(Services + "/a", """{"spec":{"clusterIP":"10.96.200.8","clusterIPs":["10.96.200.8"]}}""").Gives(422, "spec.clusterIP", "field is immutable")],
        ["a service needs ports"] = [Post(Services, Service("a", "\"type\":\"ClusterIP\"")).Gives(422, "spec.ports: Required value")],
        ["a service port is in range"] = [Post(Services, Service("a", "\"ports\":[{\"port\":0}]")).Gives(422, "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive")],
        ["several service ports need names"] = [Post(Services, Service("a", "\"ports\":[{\"port\":80},{\"port\":81}]")).Gives(422, "spec.ports[0].name: Required value")],
        ["a claim starts pending"] = [Post(Claims, Claim("a")).Gives(201).Has("status.phase", "Pending").Has("spec.volumeMode", "Filesystem")],
        ["a claim needs access modes"] = [Post(Claims, """{"metadata":{"name":"a"},"spec":{"resources":{"requests":{"storage":"1Gi"}}}}""").Gives(422, "spec.accessModes: Required value: at least 1 access mode is required")],
        ["a claim needs a size"] = [Post(Claims, """{"metadata":{"name":"a"},"spec":{"accessModes":["ReadWriteOnce"]}}""").Gives(422, "spec.resources[storage]: Required value")],
        ["a claim's spec is immutable"] = [Post(Claims, Claim("a")), Merge(Claims + "/a", """{"spec":{"accessModes":["ReadWriteMany"]}}""").Gives(422, "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims")],
        ["stringData becomes data"] = [Post(Secrets, """{"metadata":{"name":"a"},"stringData":{"k":"hi"}}""").Gives(201).Has("data.k", "aGk=").Has("type", "Opaque").Lacks("stringData")],
        ["a secret's type is immutable"] = [Post(Secrets, """{"metadata":{"name":"a"}}"""), Merge(Secrets + "/a", """{"type":"other"}""").Gives(422, "type: Invalid value:", "field is immutable")],
        ["an immutable config map stays"] = [Post(Maps, """{"metadata":{"name":"a"},"immutable":true,"data":{"k":"v"}}"""), Merge(Maps + "/a", """{"data":{"k":"w"}}""").Gives(422, "field is immutable when `immutable` is set")],
        ["a config map's keys can be file names"] = [Post(Maps, """{"metadata":{"name":"a"},"data":{"a b":"v"}}""").Gives(422, "data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters")],
        ["a budget says one thing"] = [Post(Budgets, """{"metadata":{"name":"a"},"spec":{"minAvailable":1,"maxUnavailable":1,"selector":{}}}""").Gives(422, "minAvailable and maxUnavailable cannot be both set")],
        ["a network policy is for both directions if it says something of egress"] =
            [Post(Policies, """{"metadata":{"name":"a"},"spec":{"podSelector":{},"egress":[{"ports":[{"port":53}]}]}}""").Gives(201).Has("spec.policyTypes[1]", "Egress").Has("spec.egress[0].ports[0].protocol", "TCP")],
        ["a lease lasts"] = [Post(Leases, """{"metadata":{"name":"a"},"spec":{"leaseDurationSeconds":0}}""").Gives(422, "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0")],
        ["a lease keeps microseconds"] = [Post(Leases, """{"metadata":{"name":"a"},"spec":{"renewTime":"2026-01-02T03:04:05.678901Z"}}""").Gives(201).Has("spec.renewTime", "2026-01-02T03:04:05.678901Z")],
        ["an event is about its own namespace"] =
            [Post("/api/v1/namespaces/$ns/events", """{"metadata":{"name":"e.1"},"involvedObject":{"kind":"Pod","namespace":"elsewhere","name":"p"},"reason":"R","type":"Normal"}""").Gives(422, "involvedObject.namespace", "does not match event.namespace")],
        ["events are selected by their object"] =
        [
            Post("/api/v1/namespaces/$ns/events", """{"metadata":{"name":"e.1"},"involvedObject":{"kind":"Pod","namespace":"$ns","name":"p"},"reason":"R","type":"Normal","firstTimestamp":null}"""),
            Get("/api/v1/namespaces/$ns/events?fieldSelector=involvedObject.name%3Dp,involvedObject.kind%3DPod").Has("items[0].reason", "R"), Get("/api/v1/namespaces/$ns/events?fieldSelector=involvedObject.name%3Dq").Has("items", "[]"),
        ],
    };

    [TestCaseSource(nameof(Stories))]
    public Task Built_in_kinds_have_their_rules(string story) => RunAsync(Cases[story]);

    private static IEnumerable<string> Stories => Cases.Keys;
}
