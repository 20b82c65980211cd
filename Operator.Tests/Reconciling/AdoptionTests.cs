using System.Text.Json.Nodes;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tests.InferenceServices;

namespace LlmKube.Operator.Tests.Reconciling;

/// <summary>Objects that an older operator created with plain writes.</summary>
public sealed class AdoptionTests
{
    private const string Created = """{"f:spec":{"f:replicas":{},"f:selector":{},"f:template":{"f:spec":{"f:initContainers":{}}}}}""";
    private const string Applied = """{"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{}}}}}""";

    [Test]
    public void What_the_creator_wrote_becomes_ours()
    {
        var managed = Adopt(An.Owner("manager", "Update", null, Created), An.Owner("kube-controller-manager", "Update", "status", """{"f:status":{}}"""));

        Assert.That(managed.Select(Summary), Is.EqualTo(new[] { "llmkube-operator/Apply", "kube-controller-manager/Update/status" }));
        Assert.That(JsonNode.DeepEquals(managed[0]["fieldsV1"], JsonNode.Parse(Created)), Is.True);
    }

    [Test]
    public void It_joins_what_we_have_applied_since()
    {
        var managed = Adopt(An.Owner("manager", "Update", null, Created), An.Owner(FieldManagers.Operator, "Apply", null, Applied));

        Assert.That(managed.Select(Summary), Is.EqualTo(new[] { "llmkube-operator/Apply" }));
        Assert.That(
            JsonNode.DeepEquals(managed[0]["fieldsV1"], JsonNode.Parse("""{"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{},"f:initContainers":{}}},"f:selector":{}}}""")), Is.True);
    }

    [TestCase("Update", "kubectl-edit", """{"f:spec":{"f:template":{"f:spec":{"f:containers":{}}}}}""", TestName = "What someone edited later is theirs")]
    [TestCase("Update", "kubectl-edit", Created, TestName = "The selector that someone edited later is theirs")]
    [TestCase("Apply", "llmkube-operator", Created, TestName = "What we created by apply is ours already")]
    public void Left_alone(string operation, string manager, string fields)
    {
        var deployment = A.DeploymentOf(A.Service(), A.Model());
        deployment.Metadata.ManagedFields = [An.Owner(manager, operation, null, fields)];

        Assert.That(Adoption.Of(deployment, FieldManagers.Operator), Is.Null);
    }

    private static List<JsonNode> Adopt(params k8s.Models.V1ManagedFieldsEntry[] entries)
    {
        var deployment = A.DeploymentOf(A.Service(), A.Model());
        deployment.Metadata.ManagedFields = entries;
        var patch = JsonNode.Parse(Adoption.Of(deployment, FieldManagers.Operator)!.MergePatch)!["metadata"]!;
        Assert.That(((string?)patch["uid"], (string?)patch["resourceVersion"]), Is.EqualTo(("uid-of-deployment", "7")), "only the object that was seen");
        return [.. patch["managedFields"]!.AsArray().Select(e => e!)];
    }

    private static string Summary(JsonNode entry) => string.Join('/', new[] { entry["manager"], entry["operation"], entry["subresource"] }.Where(p => p is not null));
}
