using k8s.Models;
using LlmKube.Operator.LocalCluster.ApiServer;

namespace LlmKube.Operator.Tests.Access;

public sealed class NeededRightTests
{
    [TestCase("GET", "/api/v1/namespaces/a/pods/b", "get pods b in a")]
    [TestCase("HEAD", "/api/v1/namespaces/a/pods/b", "get pods b in a")]
    [TestCase("GET", "/api/v1/namespaces/a/pods/b/log?container=c&follow=true", "get pods/log b in a")]
    [TestCase("GET", "/api/v1/namespaces/a/pods?limit=500", "list pods in a")]
    [TestCase("GET", "/api/v1/pods", "list pods")]
    [TestCase("GET", "/api/v1/pods?labelSelector=watch%3Dtrue", "list pods")]
    [TestCase("GET", "/api/v1/pods?resourceVersion=1&watch=true", "watch pods")]
    [TestCase("GET", "/apis/apps/v1/namespaces/a/deployments?watch=1", "watch deployments.apps in a")]
    [TestCase("POST", "/apis/authentication.k8s.io/v1/tokenreviews", "create tokenreviews.authentication.k8s.io")]
    [TestCase("PUT", "/apis/inference.llmkube.dev/v1alpha1/namespaces/a/models/m/status", "update models/status.inference.llmkube.dev m in a")]
    [TestCase("PATCH", "/apis/apps/v1/namespaces/a/deployments/d?fieldManager=x&force=true", "patch deployments.apps d in a")]
    [TestCase("DELETE", "/apis/batch/v1/namespaces/a/jobs/j", "delete jobs.batch j in a")]
    [TestCase("DELETE", "/api/v1/namespaces/a/pods", "deletecollection pods in a")]
    [TestCase("GET", "/api/v1/nodes/n", "get nodes n")]
    [TestCase("GET", "/api/v1/namespaces", "list namespaces")]
    [TestCase("GET", "/api/v1/namespaces/a", "get namespaces a")]
    [TestCase("PUT", "/api/v1/namespaces/a/finalize", "update namespaces/finalize a")]
    [TestCase("GET", "/api/v1/namespaces/a/configmaps/b%2Fc", "get configmaps b/c in a")]
    [TestCase("GET", "/version", "get /version")]
    [TestCase("GET", "/apis/apps/v1", "get /apis/apps/v1")]
    public void Of_a_request(string method, string path, string right) => Assert.That(Text(NeededRight.Of(method, path)), Is.EqualTo(right));

    [TestCase(200, ExpectedResult = "patch services s in a")]
    [TestCase(201, ExpectedResult = "patch services s in a, create services in a")]
    public string Of_an_apply(int status) => string.Join(
        ", ", NeededRight.Of(new RequestEntry("u", "", "", "", "", "", "", status, false, "/api/v1/namespaces/a/services/s", "PATCH")).Select(Text));

    [TestCase(true, ExpectedResult = "update inferenceservices/finalizers.inference.llmkube.dev chat in a")]
    [TestCase(null, ExpectedResult = "")]
    public string Of_an_owner(bool? blocks) => string.Join(", ", NeededRight.ToOwn(new V1ObjectMeta
    {
        NamespaceProperty = "a",
        OwnerReferences = [new V1OwnerReference { ApiVersion = "inference.llmkube.dev/v1alpha1", Kind = "InferenceService", Name = "chat", BlockOwnerDeletion = blocks }],
    }).Select(Text));

    private static string Text(NeededRight right) =>
        $"{right.Verb} {right.Resource}{(right.Group.Length > 0 ? $".{right.Group}" : "")}{(right.Name.Length > 0 ? $" {right.Name}" : "")}{(right.Namespace.Length > 0 ? $" in {right.Namespace}" : "")}";
}
