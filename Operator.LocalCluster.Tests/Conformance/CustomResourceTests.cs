using static LlmKube.Operator.LocalCluster.Tests.Conformance.Objects;
using static LlmKube.Operator.LocalCluster.Tests.Conformance.Step;

namespace LlmKube.Operator.LocalCluster.Tests.Conformance;

public sealed class CustomResourceTests : BehaviourFixture
{
    private const string Beta = "/apis/$group/v1beta1/namespaces/$ns/widgets";

    private static readonly Dictionary<string, Step[]> Cases = new()
    {
        ["defaults are filled in"] = [Post(Widgets, Widget("a")).Gives(201).Has("spec.replicas", "1").Has("spec.size", "small").Has("metadata.generation", "1")],
        ["defaults are filled in lists"] = [Post(Widgets, Widget("a", "\"min\":1,\"ports\":[{\"name\":\"x\"}]")).Has("spec.ports[0].protocol", "TCP")],
        ["unknown fields are pruned with a warning"] = [Post(Widgets, Widget("a", "\"min\":1,\"junk\":true")).Gives(201).Lacks("spec.junk").Warns("unknown field \\\"spec.junk\\\"")],
        ["strict validation refuses unknown fields"] = [Post(Widgets + "?fieldValidation=Strict", Widget("a", "\"min\":1,\"junk\":true")).Gives(400, "strict decoding error: unknown field \"spec.junk\"")],
        ["an open field keeps everything"] = [Post(Widgets, Widget("a", "\"min\":1,\"any\":{\"x\":{\"y\":1}}")).Has("spec.any.x.y", "1")],
        ["a required field is required"] = [Post(Widgets, Widget("a", "\"size\":\"small\"")).Gives(422, "spec.min: Required value").Has("details.causes[0].reason", "FieldValueRequired").Has("details.causes[0].field", "spec.min")],
        ["a maximum holds"] = [Post(Widgets, Widget("a", "\"min\":11")).Gives(422, "Widget.$group \"a\" is invalid: spec.min: Invalid value: 11: spec.min in body should be less than or equal to 10").Has("details.causes[0].reason", "FieldValueInvalid")],
        ["a minimum holds"] = [Post(Widgets, Widget("a", "\"min\":0")).Gives(422, "spec.min in body should be greater than or equal to 1")],
        ["an enum holds"] = [Post(Widgets, Widget("a", "\"min\":1,\"size\":\"huge\"")).Gives(422, "spec.size: Unsupported value: \"huge\": supported values: \"small\", \"large\"").Has("details.causes[0].reason", "FieldValueNotSupported")],
        ["a pattern holds"] = [Post(Widgets, Widget("a", "\"min\":1,\"name\":\"A1\"")).Gives(422, "spec.name: Invalid value: \"A1\": spec.name in body should match '^[a-z]+$'")],
        ["a length holds"] = [Post(Widgets, Widget("a", "\"min\":1,\"name\":\"abcdef\"")).Gives(422, "spec.name: Too long: may not be more than 5 bytes")],
        ["a type holds"] = [Post(Widgets, Widget("a", "\"min\":\"one\"")).Gives(422, "spec.min: Invalid value: \"string\": spec.min in body must be of type integer: \"string\"").Has("details.causes[0].reason", "FieldValueTypeInvalid")],
        ["a nullable field may be null"] = [Post(Widgets, Widget("a", "\"min\":1,\"note\":null")).Gives(201)],
        ["a null is replaced by a default"] = [Post(Widgets, Widget("a", "\"min\":1,\"replicas\":null")).Gives(201).Has("spec.replicas", "1")],
        ["int-or-string takes both"] = [Post(Widgets, Widget("a", "\"min\":1,\"port\":80")).Has("spec.port", "80"), Post(Widgets, Widget("b", "\"min\":1,\"port\":\"http\"")).Has("spec.port", "http")],
        ["a set holds each value once"] = [Post(Widgets, Widget("a", "\"min\":1,\"tags\":[\"x\",\"x\"]")).Gives(422, "spec.tags[1]: Duplicate value: \"x\"").Has("details.causes[0].reason", "FieldValueDuplicate")],
        ["a list map holds each key once"] = [Post(Widgets, Widget("a", "\"min\":1,\"ports\":[{\"name\":\"x\"},{\"name\":\"x\"}]")).Gives(422, "spec.ports[1]: Duplicate value: {\"name\":\"x\"}")],
        ["map values have their type"] = [Post(Widgets, Widget("a", "\"min\":1,\"labels\":{\"x\":1}")).Gives(422, "spec.labels.x in body must be of type string")],
        ["the name is checked"] = [Post(Widgets, Widget("Bad")).Gives(422, "metadata.name: Invalid value: \"Bad\"")],
        ["all that is wrong is told"] = [Post(Widgets, Widget("a", "\"min\":11,\"name\":\"A1\"")).Gives(422, "spec.min in body should be less", "spec.name in body should match").Has("details.causes[1].field", "*")],
        ["an object is served in each version"] = [Post(Widgets, Widget("a")), Get(Beta + "/a").Gives(200).Has("apiVersion", "$group/v1beta1").Has("spec.min", "1"), Get(Beta).Has("items[0].apiVersion", "$group/v1beta1")],
        ["an object written in one version is read in another"] = [Post(Beta, """{"apiVersion":"$group/v1beta1","kind":"Widget","metadata":{"name":"a"},"spec":{"min":3}}""").Gives(201), Get(Widgets + "/a").Has("apiVersion", "$group/v1").Has("spec.min", "3")],
        ["a definition is established"] =
            [Get(Definitions + "/widgets.$group").Has("status.acceptedNames.kind", "Widget").Has("status.acceptedNames.singular", "widget").Has("status.acceptedNames.listKind", "WidgetList").Has("status.storedVersions[0]", "v1").Has("status.conditions[1].type", "Established").Has("status.conditions[1].status", "True")],
        ["a definition's name is plural and group"] =
            [Post(Definitions, WidgetDefinition.Json("other.llmkube.dev").Replace("widgets.other", "gadgets.other", StringComparison.Ordinal)).Gives(422, "metadata.name: Invalid value: \"gadgets.other.llmkube.dev\": must be spec.names.plural+\".\"+spec.group")],
        ["a definition needs a structural schema"] =
        [
            Post(Definitions, """{"metadata":{"name":"bads.other.llmkube.dev"},"spec":{"group":"other.llmkube.dev","scope":"Namespaced","names":{"plural":"bads","kind":"Bad"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"x":{}}}}}]}}""")
                .Gives(422, "openAPIV3Schema.properties[x].type: Required value: must not be empty for specified object fields"),
        ],
        ["discovery lists the resource"] = [Get("/apis/$group/v1").Gives(200).Has("kind", "APIResourceList").Has("groupVersion", "$group/v1").Has("resources[0].name", "widgets").Has("resources[0].shortNames[0]", "wd").Has("resources[0].categories[0]", "toys").Has("resources[0].namespaced", "true")],
        ["discovery lists the group"] = [Get("/apis/$group").Gives(200).Has("kind", "APIGroup").Has("preferredVersion.version", "v1").Has("versions[1].version", "v1beta1")],
        ["discovery tells all at once"] =
            [(Get("/apis") with { Accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" }).Gives(200, "$group", "\"shortNames\":[\"wd\"]").Has("kind", "APIGroupDiscoveryList")],
        ["OpenAPI describes the kind"] = [Get("/openapi/v3/apis/$group/v1").Gives(200, "What is wanted of a widget.", "x-kubernetes-group-version-kind")],
        ["OpenAPI's index names the group"] = [Get("/openapi/v3").Gives(200, "apis/$group/v1")],
        ["OpenAPI says that fields are validated"] = [Get("/openapi/v3/apis/apps/v1").Gives(200, "fieldValidation")],
        ["the server has a version"] = [Get("/version").Gives(200).Has("major", "1").Has("gitVersion", "*")],
        ["the server is healthy"] = [(Get("/healthz") with { Accept = "*/*" }).Gives(200, "ok"), (Get("/readyz") with { Accept = "*/*" }).Gives(200, "ok"), (Get("/livez") with { Accept = "*/*" }).Gives(200, "ok")],
    };

    [TestCaseSource(nameof(Stories))]
    public Task Custom_resources_have_their_schema(string story) => RunAsync(Cases[story]);

    private static IEnumerable<string> Stories => Cases.Keys;
}
