using LlmKube.Operator.Engine.Api;

namespace LlmKube.Operator.Engine.Tests.Client;

public class RequestTargetTests
{
    [TestCase("GET", "/api/v1/pods?watch=true&limit=1", "watch pods")]
    [TestCase("GET", "/api/v1/pods?labelSelector=a", "list pods")]
    [TestCase("GET", "/api/v1/namespaces/team/pods/a/log?tailLines=5", "get pods/log")]
    [TestCase("GET", "/api/v1/namespaces", "list namespaces")]
    [TestCase("GET", "/api/v1/namespaces/team", "get namespaces")]
    [TestCase("POST", "/api/v1/namespaces/team/events", "create events")]
    [TestCase("POST", "/apis/authentication.k8s.io/v1/tokenreviews", "create tokenreviews")]
    [TestCase("PATCH", "/apis/apps/v1/namespaces/team/deployments/chat?force=true", "patch deployments")]
    [TestCase("PUT", "/apis/inference.llmkube.dev/v1alpha1/namespaces/team/models/tiny/status", "update models/status")]
    [TestCase("DELETE", "/apis/batch/v1/namespaces/team/jobs/a", "delete jobs")]
    [TestCase("DELETE", "/apis/batch/v1/namespaces/team/jobs", "deletecollection jobs")]
    [TestCase("GET", "/version", null)]
    [TestCase("GET", "/apis/apps/v1", null)]
    public void A_request_is_told_by_verb_and_resource(string method, string path, string? target)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "https://api.example" + path);

        Assert.That(RequestTarget.Of(request) is { } of ? $"{of.Verb} {of.Resource}" : null, Is.EqualTo(target));
    }
}
