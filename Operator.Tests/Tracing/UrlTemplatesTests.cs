using LlmKube.Operator.Tracing;

namespace LlmKube.Operator.Tests.Tracing;

public sealed class UrlTemplatesTests
{
    [TestCase("/api/v1/pods", "/api/v1/pods")]
    [TestCase("/api/v1/namespaces/team/pods", "/api/v1/namespaces/{namespace}/pods")]
    [TestCase("/api/v1/namespaces/team/pods/a/log", "/api/v1/namespaces/{namespace}/pods/{name}/log")]
    [TestCase("/api/v1/namespaces", "/api/v1/namespaces")]
    [TestCase("/api/v1/namespaces/team", "/api/v1/namespaces/{name}")]
    [TestCase("/api/v1/nodes/node-1", "/api/v1/nodes/{name}")]
    [TestCase("/apis/apps/v1/namespaces/team/deployments/chat", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}")]
    [TestCase("/apis/inference.llmkube.dev/v1alpha1/namespaces/team/models/tiny/status", "/apis/inference.llmkube.dev/v1alpha1/namespaces/{namespace}/models/{name}/status")]
    [TestCase("/apis/authentication.k8s.io/v1/tokenreviews", "/apis/authentication.k8s.io/v1/tokenreviews")]
    [TestCase("/version", null)]
    [TestCase("/apis/apps/v1", null)]
    [TestCase("/", null)]
    public void A_path_becomes_its_pattern(string path, string? template) => Assert.That(UrlTemplates.Of(path), Is.EqualTo(template));
}
