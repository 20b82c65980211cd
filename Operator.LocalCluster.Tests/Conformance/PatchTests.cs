using static LlmKube.Operator.LocalCluster.Tests.Conformance.Objects;
using static LlmKube.Operator.LocalCluster.Tests.Conformance.Step;

namespace LlmKube.Operator.LocalCluster.Tests.Conformance;

public sealed class PatchTests : BehaviourFixture
{
    private static readonly Dictionary<string, Step[]> Cases = new()
    {
        ["a merge patch sets and removes"] = [Post(Maps, Map("a")), Merge(Maps + "/a", """{"data":{"k":null,"n":"w"}}""").Gives(200).Lacks("data.k").Has("data.n", "w")],
        ["a merge patch with a stale version conflicts"] = [Post(Maps, Map("a")), Merge(Maps + "/a", """{"metadata":{"resourceVersion":"1"},"data":{"k":"w"}}""").Gives(409)],
        ["a patch of a missing object is not found"] = [Merge(Maps + "/a", """{"data":{}}""").Gives(404)],
        ["a patch that changes nothing writes nothing"] = [Post(Widgets, Widget("a")), Merge(Widgets + "/a", """{"spec":{"min":1}}""").Gives(200).Has("metadata.generation", "1")],
        ["a JSON patch replaces"] = [Post(Maps, Map("a")), Json(Maps + "/a", """[{"op":"replace","path":"/data/k","value":"w"}]""").Gives(200).Has("data.k", "w")],
        ["a JSON patch adds a key with a slash"] = [Post(Maps, Map("a", ",\"labels\":{\"x\":\"y\"}")), Json(Maps + "/a", """[{"op":"add","path":"/metadata/labels/a.b~1c","value":"w"}]""").Gives(200).Has("metadata.labels.a~b/c", "w")],
        ["a JSON patch whose test fails is refused"] = [Post(Maps, Map("a")), Json(Maps + "/a", """[{"op":"test","path":"/data/k","value":"w"}]""").Gives(422).Has("reason", "Invalid")],
        ["a JSON patch that removes nothing is refused"] = [Post(Maps, Map("a")), Json(Maps + "/a", """[{"op":"remove","path":"/data/none"}]""").Gives(422)],
        ["a JSON patch that is no list is refused"] = [Post(Maps, Map("a")), Json(Maps + "/a", """{"op":"test"}""").Gives(400)],
        ["a strategic patch merges containers by name"] =
            [Post(Deployments, Deployment("a")), Strategic(Deployments + "/a", """{"spec":{"template":{"spec":{"containers":[{"name":"d","image":"j"}]}}}}""").Gives(200).Has("spec.template.spec.containers[1].name", "*")],
        ["a strategic patch deletes a container"] =
            [Post(Deployments, Deployment("a")), Strategic(Deployments + "/a", """{"spec":{"template":{"spec":{"containers":[{"name":"d","image":"j"},{"name":"c","$patch":"delete"}]}}}}""").Gives(200).Has("spec.template.spec.containers[0].name", "d").Lacks("spec.template.spec.containers[1]")],
        ["a strategic patch without a merge key fails"] =
            [Post(Deployments, Deployment("a")), Strategic(Deployments + "/a", """{"spec":{"template":{"spec":{"containers":[{"image":"j"}]}}}}""").Gives(500, "does not contain declared merge key: name").Lacks("reason")],
        ["a strategic patch with an unknown directive fails"] = [Post(Deployments, Deployment("a")), Strategic(Deployments + "/a", """{"spec":{"$patch":"bogus"}}""").Gives(500, "unknown patch type: bogus in map: ").Lacks("reason")],
        ["custom resources know no strategic patch"] = [Post(Widgets, Widget("a")), Strategic(Widgets + "/a", """{"spec":{"min":2}}""").Gives(415).Has("reason", "UnsupportedMediaType")],
        ["a patch of an unknown type is refused"] = [Post(Maps, Map("a")), new Step("PATCH", Maps + "/a", "{}").Gives(415)],
        ["a patch may not break the schema"] = [Post(Widgets, Widget("a")), Merge(Widgets + "/a", """{"spec":{"min":11}}""").Gives(422, "spec.min: Invalid value: 11: spec.min in body should be less than or equal to 10")],
        ["a patch can't touch uid and creation time"] = [Post(Maps, Map("a")), Merge(Maps + "/a", """{"metadata":{"creationTimestamp":"2001-01-01T00:00:00Z","labels":{"x":"y"}}}""").Gives(200).Has("metadata.labels.x", "y")],
        ["a patch can't rename"] = [Post(Maps, Map("a")), Merge(Maps + "/a", """{"metadata":{"name":"b"}}""").Gives(400)],
        ["dry run patches nothing"] = [Post(Maps, Map("a")), Merge(Maps + "/a?dryRun=All", """{"data":{"k":"w"}}""").Gives(200).Has("data.k", "w"), Get(Maps + "/a").Has("data.k", "v")],
        ["strict validation holds for patches"] = [Post(Widgets, Widget("a")), Merge(Widgets + "/a?fieldValidation=Strict", """{"spec":{"junk":1}}""").Gives(422, "unknown field \"spec.junk\"")],
        ["apply creates"] = [Apply(Widgets + "/a", "one", Widget("a")).Gives(201).Has("metadata.managedFields[0].manager", "one").Has("metadata.managedFields[0].operation", "Apply").Has("spec.size", "small")],
        ["apply without a manager is refused"] = [new Step("PATCH", Widgets + "/a", Widget("a")) { ContentType = "application/apply-patch+yaml" }.Gives(422, "fieldManager", "is required for apply patch")],
        ["apply of another's field conflicts"] =
            [Apply(Widgets + "/a", "one", Widget("a")), Apply(Widgets + "/a", "two", Widget("a", "\"min\":2")).Gives(409, "Apply failed with 1 conflict: conflict with \"one\": .spec.min").Has("reason", "Conflict").Has("details.causes[0].reason", "FieldManagerConflict").Has("details.causes[0].field", ".spec.min").Has("details.causes[0].message", "conflict with \"one\"")],
        ["a forced apply takes over"] = [Apply(Widgets + "/a", "one", Widget("a")), Apply(Widgets + "/a", "two", Widget("a", "\"min\":2"), "&force=true").Gives(200).Has("spec.min", "2")],
        ["a field that its only manager drops goes"] = [Apply(Widgets + "/a", "one", Widget("a", "\"min\":1,\"note\":\"n\"")), Apply(Widgets + "/a", "one", Widget("a")).Gives(200).Lacks("spec.note")],
        ["a field that two apply stays with the other"] =
            [Apply(Widgets + "/a", "one", Widget("a", "\"min\":1,\"note\":\"n\"")), Apply(Widgets + "/a", "two", Widget("a", "\"min\":1,\"note\":\"n\"")), Apply(Widgets + "/a", "one", Widget("a")).Gives(200).Has("spec.note", "n")],
        ["apply merges a list map"] =
            [Apply(Widgets + "/a", "one", Widget("a", "\"min\":1,\"ports\":[{\"name\":\"x\",\"number\":1}]")), Apply(Widgets + "/a", "two", Widget("a", "\"min\":1,\"ports\":[{\"name\":\"y\",\"number\":2}]")).Gives(200).Has("spec.ports[0].name", "x").Has("spec.ports[1].name", "y")],
        ["apply unites a set"] = [Apply(Widgets + "/a", "one", Widget("a", "\"min\":1,\"tags\":[\"x\"]")), Apply(Widgets + "/a", "two", Widget("a", "\"min\":1,\"tags\":[\"y\"]")).Gives(200).Has("spec.tags", "[\"x\",\"y\"]")],
        ["an applied null must be allowed"] = [Apply(Widgets + "/a", "one", Widget("a", "\"min\":1,\"name\":null")).Gives(422, "spec.name: Invalid value: \"null\": spec.name in body must be of type string: \"null\"")],
        ["an applied null that is allowed stays"] = [Apply(Widgets + "/a", "one", Widget("a", "\"min\":1,\"note\":null")).Gives(201, "\"note\":null")],
        ["an applied null gives way to the default"] = [Apply(Widgets + "/a", "one", Widget("a", "\"min\":1,\"size\":null")).Gives(201).Has("spec.size", "small")],
        ["a created null goes where none is allowed"] = [Post(Widgets, Widget("a", "\"min\":1,\"name\":null")).Gives(201).Lacks("spec.name")],
        ["apply with a uid doesn't create"] = [Apply(Widgets + "/a", "one", Widget("a", "\"min\":1", ",\"uid\":\"11111111-1111-1111-1111-111111111111\"")).Gives(409)],
        ["apply of a deployment fills defaults"] = [Apply(Deployments + "/a", "one", Deployment("a")).Gives(201).Has("spec.strategy.rollingUpdate.maxSurge", "25%")],
        ["force is for apply only"] = [Post(Maps, Map("a")), Merge(Maps + "/a?force=true", "{}").Gives(422, "may not be specified for non-apply patch")],
        ["apply to status leaves the spec"] =
            [Post(Widgets, Widget("a")), Apply(Widgets + "/a/status", "one", """{"apiVersion":"$group/v1","kind":"Widget","metadata":{"name":"a"},"status":{"ready":true}}""").Gives(200).Has("status.ready", "true").Has("spec.min", "1")],
    };

    [TestCaseSource(nameof(Stories))]
    public Task Objects_are_patched(string story) => RunAsync(Cases[story]);

    private static IEnumerable<string> Stories => Cases.Keys;
}
