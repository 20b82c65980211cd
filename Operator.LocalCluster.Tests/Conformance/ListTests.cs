using static LlmKube.Operator.LocalCluster.Tests.Conformance.Objects;
using static LlmKube.Operator.LocalCluster.Tests.Conformance.Step;

namespace LlmKube.Operator.LocalCluster.Tests.Conformance;

public sealed class ListTests : BehaviourFixture
{
    private static readonly Step[] Three = [Post(Deployments, Deployment("a")), Post(Deployments, Deployment("b")), Post(Deployments, Deployment("c"))];
    private static readonly Step[] Labelled =
    [
        Post(Widgets, Widget("a", "\"min\":1", ",\"labels\":{\"tier\":\"one\"}")), Post(Widgets, Widget("b", "\"min\":1", ",\"labels\":{\"tier\":\"two\"}")), Post(Widgets, Widget("c")),
    ];

    private static readonly Dictionary<string, Step[]> Cases = new()
    {
        ["an empty list has an empty array"] = [Get(Deployments).Gives(200).Has("kind", "DeploymentList").Has("apiVersion", "apps/v1").Has("items", "[]").Has("metadata.resourceVersion", "*")],
        ["items are sorted by name and carry no kind"] = [.. Three, Get(Deployments).Has("items[0].metadata.name", "a").Has("items[2].metadata.name", "c").Lacks("items[0].kind").Lacks("items[3]")],
        ["items of custom resources carry their kind"] = [Post(Widgets, Widget("a")), Get(Widgets).Has("items[0].kind", "Widget").Has("kind", "WidgetList")],
        ["a page says that there is more"] = [.. Three, Get(Deployments + "?limit=2").Has("items[1].metadata.name", "b").Lacks("items[2]").Has("metadata.continue", "*").Has("metadata.remainingItemCount", "1")],
        ["a malformed continue token is refused"] = [Get(Deployments + "?limit=2&continue=nonsense!").Gives(400)],
        ["labels select by equality"] = [.. Labelled, Get(Widgets + "?labelSelector=tier%3Done").Has("items[0].metadata.name", "a").Lacks("items[1]")],
        ["labels select by inequality"] = [.. Labelled, Get(Widgets + "?labelSelector=tier!%3Done").Has("items[0].metadata.name", "b").Has("items[1].metadata.name", "c").Lacks("items[2]")],
        ["labels select by sets"] = [.. Labelled, Get(Widgets + "?labelSelector=tier+in+(one,two)").Has("items[1].metadata.name", "b").Lacks("items[2]")],
        ["labels select by absence"] = [.. Labelled, Get(Widgets + "?labelSelector=!tier").Has("items[0].metadata.name", "c").Lacks("items[1]")],
        ["a malformed label selector is refused"] = [Get(Widgets + "?labelSelector=a+b+c").Gives(400).Has("reason", "BadRequest")],
        ["fields select by name"] = [.. Labelled, Get(Widgets + "?fieldSelector=metadata.name%3Db").Has("items[0].metadata.name", "b").Lacks("items[1]")],
        ["an unknown field selector is refused"] = [Get(Widgets + "?fieldSelector=spec.min%3D1").Gives(400, "field label not supported: spec.min")],
        ["pods select by node"] = [Post(Pods, Pod("a", ",\"nodeName\":\"n1\"")), Post(Pods, Pod("b")), Get(Pods + "?fieldSelector=spec.nodeName%3Dn1").Has("items[0].metadata.name", "a").Lacks("items[1]")],
        ["pods select by phase"] = [Post(Pods, Pod("a")), Get(Pods + "?fieldSelector=status.phase!%3DPending").Has("items", "[]"), Get(Pods + "?fieldSelector=status.phase%3DPending").Has("items[0].metadata.name", "a")],
        ["a match without a version is refused"] = [Get(Widgets + "?resourceVersionMatch=Exact").Gives(422, "resourceVersionMatch is forbidden unless resourceVersion is provided")],
        ["an unknown match is refused"] = [Get(Widgets + "?resourceVersion=1&resourceVersionMatch=Nonsense").Gives(422)],
        ["a table has the custom columns"] =
        [
            Post(Widgets, Widget("a")), Merge(Widgets + "/a/status", """{"status":{"conditions":[{"type":"Ready","status":"True"}]}}"""),
            (Get(Widgets) with { Accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" }).Gives(200).Has("kind", "Table").Has("columnDefinitions[0].name", "Name").Has("columnDefinitions[1].name", "Size")
                .Has("columnDefinitions[2].priority", "1").Has("columnDefinitions[4].type", "date").Has("rows[0].cells[0]", "a").Has("rows[0].cells[1]", "small").Has("rows[0].cells[2]", "1").Has("rows[0].cells[3]", "True")
                .Has("rows[0].object.kind", "PartialObjectMetadata"),
        ],
        ["a table of pods is what kubectl shows"] =
        [
            Post(Pods, Pod("a")), (Get(Pods) with { Accept = "application/json;as=Table;v=v1;g=meta.k8s.io" }).Has("columnDefinitions[1].name", "Ready").Has("columnDefinitions[2].name", "Status").Has("rows[0].cells[1]", "0/1").Has("rows[0].cells[2]", "Pending"),
        ],
        ["metadata lists carry metadata alone"] =
            [Post(Widgets, Widget("a")), (Get(Widgets) with { Accept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io" }).Has("kind", "PartialObjectMetadataList").Has("items[0].metadata.name", "a").Lacks("items[0].spec")],
        ["nothing acceptable is refused"] = [(Get(Widgets) with { Accept = "text/html" }).Gives(406)],
    };

    [TestCaseSource(nameof(Stories))]
    public Task Objects_are_listed(string story) => RunAsync(Cases[story]);

    [Test]
    public async Task Pages_continue_from_one_snapshot()
    {
        var api = await ConformanceCluster.NewNamespaceAsync();
        foreach (var name in (string[])["a", "b", "c"]) await api.ExpectAsync(201, "POST", Widgets, Widget(name));
        var first = await api.ExpectAsync(200, "GET", Widgets + "?limit=2");
        await api.ExpectAsync(201, "POST", Widgets, Widget("d"));
        var second = await api.ExpectAsync(200, "GET", $"{Widgets}?limit=2&continue={first.At("metadata.continue")}");
        Assert.Multiple(() =>
        {
            Assert.That(second.At("items[0].metadata.name"), Is.EqualTo("c"));
            Assert.That(second.At("items[1]"), Is.Null, "created after the list began");
            Assert.That(second.At("metadata.continue"), Is.Null.Or.Empty);
            Assert.That(second.At("metadata.resourceVersion"), Is.EqualTo(first.At("metadata.resourceVersion")));
        });
        await api.SendAsync("DELETE", "/api/v1/namespaces/$ns");
    }

    private static IEnumerable<string> Stories => Cases.Keys;
}
