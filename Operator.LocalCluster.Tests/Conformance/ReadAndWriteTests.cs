using static LlmKube.Operator.LocalCluster.Tests.Conformance.Objects;
using static LlmKube.Operator.LocalCluster.Tests.Conformance.Step;

namespace LlmKube.Operator.LocalCluster.Tests.Conformance;

public sealed class ReadAndWriteTests : BehaviourFixture
{
    private static readonly Dictionary<string, Step[]> Cases = new()
    {
        ["a created object has uid, version and time"] =
            [Post(Maps, Map("a")).Gives(201).Has("metadata.uid", "*").Has("metadata.resourceVersion", "*").Has("metadata.creationTimestamp", "*").Has("metadata.namespace", "$ns").Has("kind", "ConfigMap")],
        ["a second create conflicts"] =
            [Post(Maps, Map("a")), Post(Maps, Map("a")).Gives(409, "configmaps \"a\" already exists").Has("reason", "AlreadyExists").Has("details.kind", "configmaps").Has("status", "Failure")],
        ["a missing object is not found"] =
            [Get(Maps + "/no").Gives(404, "configmaps \"no\" not found").Has("reason", "NotFound").Has("details.name", "no").Has("details.kind", "configmaps").Has("kind", "Status")],
        ["a missing object of a group names the group"] =
            [Get(Deployments + "/no").Gives(404, "deployments.apps \"no\" not found").Has("details.group", "apps")],
        ["a missing custom resource names its group"] =
            [Get(Widgets + "/no").Gives(404, "widgets.$group \"no\" not found").Has("details.group", "$group")],
        ["an unknown resource is not found"] = [Get("/api/v1/namespaces/$ns/nonsense").Gives(404)],
        ["generateName makes a name"] =
            [Post(Maps, """{"metadata":{"generateName":"gen-"}}""").Gives(201).Has("metadata.generateName", "gen-").Has("metadata.name", "*")],
        ["an object without a name is refused"] =
            [Post(Maps, """{"metadata":{}}""").Gives(422, "name or generateName is required").Has("reason", "Invalid").Has("details.causes[0].field", "metadata.name").Has("details.causes[0].reason", "FieldValueRequired")],
        ["kind and apiVersion may be left out"] = [Post(Maps, """{"metadata":{"name":"a"}}""").Gives(201).Has("kind", "ConfigMap").Has("apiVersion", "v1")],
        ["a wrong kind is refused"] = [Post(Maps, """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}""").Gives(400).Has("reason", "BadRequest")],
        ["a wrong apiVersion is refused"] = [Post(Deployments, Deployment("a").Replace("apps/v1", "v1", StringComparison.Ordinal)).Gives(400).Has("reason", "BadRequest")],
        ["a body that is no JSON is refused"] = [Post(Maps, "{").Gives(400).Has("reason", "BadRequest")],
        ["a name must be a subdomain"] =
            [Post(Maps, Map("Not_Valid")).Gives(422, "ConfigMap \"Not_Valid\" is invalid: metadata.name: Invalid value: \"Not_Valid\": a lowercase RFC 1123 subdomain must consist of").Has("details.causes[0].reason", "FieldValueInvalid").Has("details.kind", "ConfigMap")],
        ["a service's name must be a DNS label"] = [Post(Services, Service("a.b")).Gives(422, "metadata.name: Invalid value: \"a.b\": a DNS-1035 label must consist of")],
        ["another namespace in the body is refused"] =
            [Post(Maps, Map("a", ",\"namespace\":\"elsewhere\"")).Gives(400, "the namespace of the provided object does not match the namespace sent on the request")],
        ["a resourceVersion on create is refused"] =
            [Post(Maps, Map("a", ",\"resourceVersion\":\"5\"")).Gives(500, "resourceVersion should not be set on objects to be created")],
        ["a missing namespace refuses creation"] =
            [Post("/api/v1/namespaces/is-not-there/configmaps", Map("a")).Gives(404, "namespaces \"is-not-there\" not found")],
        ["a namespace carries its name as a label"] =
            [Get("/api/v1/namespaces/$ns").Gives(200).Has("metadata.labels.kubernetes~io/metadata~name", "$ns").Has("status.phase", "Active").Has("spec.finalizers[0]", "kubernetes")],
        ["a bad label is refused"] =
            [Post(Maps, Map("a", ",\"labels\":{\"x\":\"not valid\"}")).Gives(422, "metadata.labels: Invalid value: \"not valid\": a valid label must be")],
        ["dry run creates nothing"] = [Post(Maps + "?dryRun=All", Map("a")).Gives(201).Has("metadata.uid", "*"), Get(Maps + "/a").Gives(404)],
        ["dry run validates"] = [Post(Maps + "?dryRun=All", Map("A")).Gives(422)],
        ["another dry run value is refused"] = [Post(Maps + "?dryRun=Some", Map("a")).Gives(422, "dryRun: Unsupported value: [\"Some\"]: supported values: \"All\"")],
        ["dry run meets an existing object"] = [Post(Maps, Map("a")), Post(Maps + "?dryRun=All", Map("a")).Gives(409)],
        ["an update without a version is unconditional"] = [Post(Maps, Map("a")), Put(Maps + "/a", """{"metadata":{"name":"a"},"data":{"k":"w"}}""").Gives(200).Has("data.k", "w")],
        ["an update of a stale version conflicts"] =
            [Post(Maps, Map("a")), Put(Maps + "/a", Map("a", ",\"resourceVersion\":\"1\"")).Gives(409, "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again").Has("reason", "Conflict").Has("details.name", "a")],
        ["an update of a missing object is not found"] = [Put(Maps + "/a", Map("a")).Gives(404)],
        ["an update of a missing lease creates it"] = [Put(Leases + "/a", """{"metadata":{"name":"a"},"spec":{"holderIdentity":"me"}}""").Gives(201)],
        ["an update under another name is refused"] =
            [Post(Maps, Map("a")), Put(Maps + "/a", Map("b")).Gives(400, "the name of the object (b) does not match the name on the URL (a)")],
        ["an update with another uid conflicts"] =
            [Post(Maps, Map("a")), Put(Maps + "/a", Map("a", ",\"uid\":\"11111111-1111-1111-1111-111111111111\"")).Gives(409, "Precondition failed: UID in precondition: 11111111-1111-1111-1111-111111111111")],
        ["a custom resource's update needs a version"] =
            [Post(Widgets, Widget("a")), Put(Widgets + "/a", Widget("a")).Gives(422, "metadata.resourceVersion: Invalid value: 0: must be specified for an update")],
        ["unknown fields are dropped with a warning"] = [Post(Deployments, Deployment("a").Replace("\"replicas\"", "\"junk\":1,\"replicas\"", StringComparison.Ordinal)).Gives(201).Lacks("spec.junk").Warns("unknown field \\\"spec.junk\\\"")],
        ["strict validation refuses unknown fields"] =
            [Post(Deployments + "?fieldValidation=Strict", Deployment("a").Replace("\"replicas\"", "\"junk\":1,\"replicas\"", StringComparison.Ordinal)).Gives(400, "strict decoding error: unknown field \"spec.junk\"").Has("reason", "BadRequest")],
        ["strict validation refuses duplicate fields"] =
            [Post(Deployments + "?fieldValidation=Strict", Deployment("a").Replace("\"replicas\"", "\"paused\":true,\"paused\":true,\"replicas\"", StringComparison.Ordinal)).Gives(400, "duplicate field \"spec.paused\"")],
        ["ignored validation doesn't warn"] = [Post(Deployments + "?fieldValidation=Ignore", Deployment("a").Replace("\"replicas\"", "\"junk\":1,\"replicas\"", StringComparison.Ordinal)).Gives(201).Lacks("spec.junk")],
        ["a field of the wrong type is refused"] = [Post(Deployments, Deployment("a").Replace("\"replicas\":1", "\"replicas\":\"one\"", StringComparison.Ordinal)).Gives(400, "cannot be handled as a Deployment").Has("reason", "BadRequest")],
        ["owner references need all their fields"] =
            [Post(Maps, Map("a", ",\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"name\":\"p\",\"uid\":\"\"}]")).Gives(422, "metadata.ownerReferences", "uid")],
        ["managed fields name the client"] = [Post(Maps, Map("a")).Gives(201).Has("metadata.managedFields[0].manager", "conformance").Has("metadata.managedFields[0].operation", "Update")],
        ["managed fields name the field manager"] = [Post(Maps + "?fieldManager=me", Map("a")).Gives(201).Has("metadata.managedFields[0].manager", "me")],
        ["YAML is read"] = [new Step("POST", Maps, "metadata:\n  name: a\ndata:\n  k: 'v'\n") { ContentType = "application/yaml" }.Gives(201).Has("data.k", "v")],
        ["metadata alone can be asked for"] =
            [Post(Maps, Map("a")), (Get(Maps + "/a") with { Accept = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io" }).Gives(200).Has("kind", "PartialObjectMetadata").Has("metadata.name", "a").Lacks("data")],
    };

    [TestCaseSource(nameof(Stories))]
    public Task Objects_are_written_and_read(string story) => RunAsync(Cases[story]);

    private static IEnumerable<string> Stories => Cases.Keys;
}
