using System.Text.Json.Nodes;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tests.InferenceServices;

namespace LlmKube.Operator.Tests.Reconciling;

/// <summary>What has been applied is read back from an object, without what defaults and others have added.</summary>
public sealed class OwnFieldsTests
{
    [Test]
    public void It_is_what_was_sent_and_no_more()
    {
        var (world, service) = (new AppliedWorld(), A.Service(with: GoldenChildrenTests.PodsOf));
        var sent = ServiceDecider.Decide(A.Seen(service)).Actions.OfType<DesiredAction.Apply>().Select(a => a.Desired).OfType<V1Deployment>().Single();
        world.Run(ServiceDecider.Decide(A.Seen(service)).Actions);
        world.Apply(new ObjectRef("Deployment", "team", "chat"), Injected(), "injector");

        var own = OwnFields.Of(world.Find<V1Deployment>("Deployment", "chat")!, FieldManagers.Operator, "spec", "template");

        Assert.That(ApplyDiff.FirstDifferenceIn(AppliedWorld.Json(sent), new JsonObject { ["spec"] = new JsonObject { ["template"] = own } }, FieldManagers.Operator, "spec", "template"), Is.Null);
        Assert.That(own!.ToJsonString(), Does.Not.Contain("injector.example").And.Not.Contain("sidecar:1").And.Not.Contain("certs").And.Not.Contain("terminationMessagePath").And.Not.Contain("dnsPolicy"));
    }

    [Test]
    public void Who_has_applied_nothing_has_none()
    {
        var deployment = A.DeploymentOf(A.Service(), A.Model());
        deployment.Metadata.ManagedFields = [An.Owner("kubectl-edit", "Update", null, """{"f:spec":{"f:template":{}}}""")];

        Assert.That(OwnFields.Of(deployment, FieldManagers.Operator, "spec", "template"), Is.Null);
    }

    private static JsonObject Injected() => (JsonObject)JsonNode.Parse(
        """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"chat","namespace":"team"},
         "spec":{"template":{"metadata":{"annotations":{"injector.example/done":"yes"}},"spec":{"containers":[{"name":"sidecar","image":"sidecar:1"}],"volumes":[{"name":"certs","emptyDir":{}}]}}}}
        """)!;
}
