using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.Machinery;
using LlmKube.Operator.LocalCluster.Tests.Machinery.Differential;

namespace LlmKube.Operator.LocalCluster.Tests.Machinery;

public sealed class OpenApiDocumentTests
{
    [Test]
    public void A_built_in_kind_is_described_and_refers_to_its_parts()
    {
        var document = Build("apps", "v1", "Deployment", "deployments");
        var deployment = Schema(document, "io.k8s.api.apps.v1.Deployment");
        var pod = Schema(document, "io.k8s.api.core.v1.PodSpec");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(deployment["x-kubernetes-group-version-kind"]!.ToJsonString(), Is.EqualTo("""[{"group":"apps","version":"v1","kind":"Deployment"}]"""));
            Assert.That(deployment["properties"]!["spec"]!["allOf"]![0]!["$ref"]!.GetValue<string>(), Is.EqualTo("#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec"));
            Assert.That(pod["properties"]!["containers"]!["description"]!.GetValue<string>(), Does.StartWith("List of containers belonging to the pod."));
            Assert.That(pod["properties"]!["containers"]!["x-kubernetes-list-map-keys"]!.ToJsonString(), Is.EqualTo("""["name"]"""));
            Assert.That(Schema(document, "io.k8s.api.core.v1.ResourceRequirements")["properties"]!["limits"]!["additionalProperties"]!["$ref"]!.GetValue<string>(), Does.EndWith("resource.Quantity"));
            Assert.That(pod["description"]!.GetValue<string>(), Is.EqualTo("PodSpec is a description of a pod."));
        }
    }

    [Test]
    public void A_custom_kind_has_its_schema_and_what_every_object_has()
    {
        var document = OpenApiDocument.Build("machinery.test", "v1", [new("Thing", "things", true, Kind.Named("Thing").Schema)]);
        var thing = Schema(document, "test.machinery.v1.Thing");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(thing["properties"]!["spec"]!["properties"]!["mode"]!["enum"]!.ToJsonString(), Is.EqualTo("""["a","b","c"]"""));
            Assert.That(thing["properties"]!["metadata"]!["allOf"]![0]!["$ref"]!.GetValue<string>(), Does.EndWith("meta.v1.ObjectMeta"));
            Assert.That(thing["properties"]!["kind"]!["description"]!.GetValue<string>(), Does.StartWith("Kind is a string value"));
        }
    }

    [Test]
    public void Patching_takes_the_parameters_that_kubectl_looks_for()
    {
        var patch = Build("apps", "v1", "Deployment", "deployments")["paths"]!["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]!["patch"]!;
        var names = patch["parameters"]!.AsArray().Select(parameter => parameter!["name"]!.GetValue<string>());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(names, Is.SupersetOf(["fieldValidation", "dryRun"]));
            Assert.That(patch["x-kubernetes-group-version-kind"]!["kind"]!.GetValue<string>(), Is.EqualTo("Deployment"));
        }
    }

    [Test]
    public void Names_that_several_groups_use_are_the_API_s_own()
    {
        var binding = BuiltInSchemas.For("rbac.authorization.k8s.io", "v1", "RoleBinding")!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(binding.Properties["subjects"].Items!.TypeName, Is.EqualTo("Subject"));
            Assert.That(binding.Properties["subjects"].Items!.AtomicMap, Is.True);
            Assert.That(BuiltInSchemas.For("", "v1", "Event")!.TypeName, Is.EqualTo("Event"));
        }
    }

    [Test]
    public void Every_reference_leads_somewhere()
    {
        var document = Build("", "v1", "Pod", "pods");
        var text = document.ToJsonString();
        var names = document["components"]!["schemas"]!.AsObject().Select(schema => schema.Key).ToHashSet();
        var references = text.Split("#/components/schemas/").Skip(1).Select(rest => rest[..rest.IndexOf('"', StringComparison.Ordinal)]).Distinct();
        Assert.That(references, Is.SubsetOf(names));
    }

    private static JsonObject Build(string group, string version, string kind, string plural) =>
        OpenApiDocument.Build(group, version, [new(kind, plural, true, BuiltInSchemas.For(group, version, kind)!)]);

    private static JsonNode Schema(JsonObject document, string name) => document["components"]!["schemas"]![name]!;
}
