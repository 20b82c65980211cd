using static LlmKube.Operator.LocalCluster.Tests.Conformance.Objects;
using static LlmKube.Operator.LocalCluster.Tests.Conformance.Step;

namespace LlmKube.Operator.LocalCluster.Tests.Conformance;

public sealed class DeletionTests : BehaviourFixture
{
    private const string Held = ",\"finalizers\":[\"conformance.llmkube.dev/hold\"]";

    private static readonly Dictionary<string, Step[]> Cases = new()
    {
        ["a deleted object is gone"] = [Post(Maps, Map("a")), Delete(Maps + "/a").Gives(200).Has("status", "Success").Has("details.name", "a").Has("details.kind", "configmaps").Has("details.uid", "*"), Get(Maps + "/a").Gives(404)],
        ["the deletion of a missing object is not found"] = [Delete(Maps + "/a").Gives(404)],
        ["a finalizer holds an object"] =
            [Post(Widgets, Widget("a", "\"min\":1", Held)), Delete(Widgets + "/a").Gives(200), Get(Widgets + "/a").Gives(200).Has("metadata.deletionTimestamp", "*").Has("metadata.deletionGracePeriodSeconds", "0").Has("metadata.generation", "2")],
        ["a held object goes with its last finalizer"] =
            [Post(Widgets, Widget("a", "\"min\":1", Held)), Delete(Widgets + "/a"), Merge(Widgets + "/a", """{"metadata":{"finalizers":null}}""").Gives(200), Get(Widgets + "/a").Gives(404)],
        ["a deletion of a held object again changes nothing"] = [Post(Widgets, Widget("a", "\"min\":1", Held)), Delete(Widgets + "/a"), Delete(Widgets + "/a").Gives(200), Get(Widgets + "/a").Gives(200).Has("metadata.generation", "2")],
        ["no finalizer joins a held object"] =
            [Post(Widgets, Widget("a", "\"min\":1", Held)), Delete(Widgets + "/a"), Json(Widgets + "/a", """[{"op":"add","path":"/metadata/finalizers/-","value":"conformance.llmkube.dev/late"}]""").Gives(422, "no new finalizers can be added if the object is being deleted")],
        ["a held object can still change"] = [Post(Widgets, Widget("a", "\"min\":1", Held)), Delete(Widgets + "/a"), Merge(Widgets + "/a", """{"spec":{"min":2}}""").Gives(200).Has("spec.min", "2")],
        ["a client can't set a deletion timestamp"] = [Post(Maps, Map("a", ",\"deletionTimestamp\":\"2001-01-01T00:00:00Z\"")).Gives(201).Lacks("metadata.deletionTimestamp")],
        ["a uid precondition must hold"] =
            [Post(Maps, Map("a")), Delete(Maps + "/a", """{"preconditions":{"uid":"11111111-1111-1111-1111-111111111111"}}""").Gives(409, "Operation cannot be fulfilled on ConfigMap \"a\": the UID in the precondition (11111111-1111-1111-1111-111111111111) does not match the UID in record ("), Get(Maps + "/a").Gives(200)],
        ["a version precondition must hold"] = [Post(Maps, Map("a")), Delete(Maps + "/a", """{"preconditions":{"resourceVersion":"1"}}""").Gives(409, "the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (")],
        ["dry run deletes nothing"] = [Post(Maps, Map("a")), Delete(Maps + "/a?dryRun=All").Gives(200), Get(Maps + "/a").Gives(200)],
        ["dry run in the body deletes nothing"] = [Post(Maps, Map("a")), Delete(Maps + "/a", """{"dryRun":["All"]}""").Gives(200), Get(Maps + "/a").Gives(200)],
        ["a foreground deletion waits for the collector"] =
            [Post(Maps, Map("a")), Delete(Maps + "/a", """{"propagationPolicy":"Foreground"}""").Gives(200).Has("metadata.finalizers[0]", "foregroundDeletion").Has("metadata.deletionTimestamp", "*")],
        ["an orphaning deletion waits for the collector"] = [Post(Maps, Map("a")), Delete(Maps + "/a?propagationPolicy=Orphan").Gives(200).Has("metadata.finalizers[0]", "orphan")],
        ["a background deletion is at once"] = [Post(Maps, Map("a")), Delete(Maps + "/a", """{"propagationPolicy":"Background"}""").Gives(200), Get(Maps + "/a").Gives(404)],
        ["orphanDependents is an old word for orphaning"] = [Post(Maps, Map("a")), Delete(Maps + "/a?orphanDependents=true").Gives(200).Has("metadata.finalizers[0]", "orphan")],
        ["whoever says orphanDependents=false learns by the code that the object is still there"] =
            [Post(Maps, Map("a", Held)), Delete(Maps + "/a", """{"orphanDependents":false}""").Gives(202).Has("kind", "ConfigMap"), Delete(Maps + "/a", """{"propagationPolicy":"Background"}""").Gives(200)],
        ["orphanDependents and a policy exclude each other"] = [Post(Maps, Map("a")), Delete(Maps + "/a", """{"orphanDependents":true,"propagationPolicy":"Orphan"}""").Gives(422, "orphanDependents and deletionPropagation cannot be both set")],
        ["a body makes the query count for nothing"] = [Post(Maps, Map("a")), Delete(Maps + "/a?propagationPolicy=Orphan&dryRun=All", """{"gracePeriodSeconds":0}""").Gives(200).Has("kind", "Status"), Get(Maps + "/a").Gives(404)],
        ["an unknown policy is refused"] = [Post(Maps, Map("a")), Delete(Maps + "/a", """{"propagationPolicy":"Sideways"}""").Gives(422, "propagationPolicy")],
        ["a collection is deleted by labels"] =
        [
            Post(Maps, Map("a", ",\"labels\":{\"x\":\"y\"}")), Post(Maps, Map("b")), Delete(Maps + "?labelSelector=x%3Dy").Gives(200).Has("kind", "ConfigMapList").Has("items[0].metadata.name", "a"),
            Get(Maps + "/a").Gives(404), Get(Maps + "/b").Gives(200),
        ],
        ["namespaces are not deleted as a collection"] = [Delete("/api/v1/namespaces").Gives(405).Has("reason", "MethodNotAllowed")],
        ["a pod on no node goes at once"] = [Post(Pods, Pod("a")), Delete(Pods + "/a").Gives(200), Get(Pods + "/a").Gives(404)],
        ["a pod that goes at once is shown with its mark"] =
            [Post(Pods, Pod("a", ",\"schedulerName\":\"nobody\"")), Delete(Pods + "/a").Gives(200).Has("kind", "Pod").Has("metadata.deletionGracePeriodSeconds", "0").Has("metadata.deletionTimestamp", "*").Has("metadata.generation", "2")],
        ["a pod on a node ends gracefully"] =
            [Post(Pods, Pod("a", ",\"nodeName\":\"n1\"")), Delete(Pods + "/a").Gives(200).Has("metadata.deletionGracePeriodSeconds", "30").Has("metadata.deletionTimestamp", "*").Has("kind", "Pod"), Get(Pods + "/a").Gives(200)],
        ["a shorter grace period wins"] =
            [Post(Pods, Pod("a", ",\"nodeName\":\"n1\"")), Delete(Pods + "/a"), Delete(Pods + "/a?gracePeriodSeconds=5").Gives(200).Has("metadata.deletionGracePeriodSeconds", "5"), Delete(Pods + "/a?gracePeriodSeconds=20").Gives(200).Has("metadata.deletionGracePeriodSeconds", "5")],
        ["grace period 0 ends a pod at once"] = [Post(Pods, Pod("a", ",\"nodeName\":\"n1\"")), Delete(Pods + "/a"), Delete(Pods + "/a?gracePeriodSeconds=0").Gives(200), Get(Pods + "/a").Gives(404)],
        ["a finished pod goes at once"] = [Post(Pods, Pod("a", ",\"nodeName\":\"n1\"")), Merge(Pods + "/a/status", """{"status":{"phase":"Succeeded"}}"""), Delete(Pods + "/a").Gives(200), Get(Pods + "/a").Gives(404)],
        ["a held pod stays past grace period 0"] =
            [Post(Pods, Pod("a", ",\"nodeName\":\"n1\"", Held)), Delete(Pods + "/a?gracePeriodSeconds=0").Gives(200).Has("metadata.deletionGracePeriodSeconds", "0"), Get(Pods + "/a").Gives(200)],
        ["owners are not looked at by a deletion"] =
            [Post(Maps, Map("a", ",\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"name\":\"p\",\"uid\":\"1\",\"controller\":true}]")).Gives(201).Has("metadata.ownerReferences[0].controller", "true"), Delete(Maps + "/a").Gives(200)],
    };

    [TestCaseSource(nameof(Stories))]
    public Task Objects_are_deleted(string story) => RunAsync(Cases[story]);

    private static IEnumerable<string> Stories => Cases.Keys;

    [Test]
    public async Task A_terminating_namespace_takes_no_new_objects()
    {
        var api = await ConformanceCluster.NewNamespaceAsync();
        await api.ExpectAsync(201, "POST", Widgets, Widget("a", "\"min\":1", Held));
        var deleted = await api.ExpectAsync(200, "DELETE", "/api/v1/namespaces/$ns");
        Assert.That(deleted.At("status.phase"), Is.EqualTo("Terminating"));
        var refused = await api.ExpectAsync(403, "POST", Maps, Map("a"));
        Assert.Multiple(() =>
        {
            Assert.That(refused.At("message"), Does.Contain($"configmaps \"a\" is forbidden: unable to create new content in namespace {api.Namespace} because it is being terminated"));
            Assert.That(refused.At("details.causes[0].reason"), Is.EqualTo("NamespaceTerminating"));
            Assert.That(refused.At("details.causes[0].field"), Is.EqualTo("metadata.namespace"));
        });
        await api.ExpectAsync(200, "GET", "/api/v1/namespaces/$ns");
        var held = await api.SendAsync("PATCH", Widgets + "/a", """{"metadata":{"finalizers":null}}""", "application/merge-patch+json");
        Assert.That(held.Code, Is.EqualTo(200), held.Text);
    }

    [Test]
    public async Task A_definition_that_ends_takes_no_new_objects_and_serves_those_that_are_held()
    {
        var api = await ConformanceCluster.NewNamespaceAsync();
        var group = $"ends-{Guid.NewGuid():n}.llmkube.dev";
        string Of(string widget) => widget.Replace("$group", group, StringComparison.Ordinal);
        var (definition, widgets) = ($"{Definitions}/widgets.{group}", Of(Widgets));
        await api.ExpectAsync(201, "POST", Definitions, WidgetDefinition.Json(group));
        Assert.That(async () => (await api.SendAsync("POST", widgets, Of(Widget("a", "\"min\":1", Held)))).Code, Is.EqualTo(201).After(30_000, 100));
        await api.ExpectAsync(200, "DELETE", definition);
        Assert.That(async () => (await api.SendAsync("POST", widgets, Of(Widget("b")))).Text, Does.Contain($"widgets.{group} \\\"b\\\" is forbidden: create not allowed while custom resource definition is terminating").After(30_000, 100));
        Assert.That((await api.SendAsync("POST", widgets, Of(Widget("b")))).Code, Is.EqualTo(403));
        Assert.That((await api.SendAsync("PATCH", widgets + "/a", """{"metadata":{"finalizers":null}}""", "application/merge-patch+json")).Code, Is.EqualTo(200));
        Assert.That(async () => (await api.SendAsync("GET", definition)).Code, Is.EqualTo(404).After(30_000, 100));
        await ConformanceCluster.DeleteNamespaceAsync(api);
    }
}
