using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;

namespace LlmKube.Operator.LocalCluster.Tests.ApiServer;

/// <summary>
/// Some kinds answer a deletion with the object, others with a Status. Kubernetes' OpenAPI document says which; the client library is
/// generated from it and can't read the other.
/// </summary>
public sealed class DeletionAnswerTests
{
    private static IEnumerable<string> Kinds => BuiltInResources.All.Where(r => !r.IsReview).Select(r => r.Kind);

    [TestCaseSource(nameof(Kinds))]
    public void A_deletion_answers_what_the_client_library_expects(string kind)
    {
        var resource = BuiltInResources.All.Single(r => r.Kind == kind);
        var method = $"Delete{(resource.Namespaced ? "Namespaced" : "")}{kind}WithHttpMessagesAsync";
        var answers = typeof(IKubernetes).Assembly.GetTypes()
            .Where(t => t.IsInterface && t.Name.EndsWith($"{resource.Version.ToUpperInvariant()}Operations", StringComparison.Ordinal))
            .SelectMany(t => t.GetMethods().Where(m => m.Name == method && !m.IsGenericMethod))
            .Select(m => m.ReturnType.GetGenericArguments()[0].GetGenericArguments()[0])
            .Distinct()
            .ToList();
        Assert.That(answers, Has.Count.EqualTo(1));
        Assert.That(resource.ReturnsDeleted, Is.EqualTo(answers[0] != typeof(V1Status)));
    }

    [Test]
    public async Task The_client_library_reads_the_answers()
    {
        await using var server = await ApiServerHost.StartAsync(new ApiServerOptions());
        using var client = new Kubernetes(server.ClientConfiguration());
        var meta = new V1ObjectMeta { Name = "a" };
        await client.CoreV1.CreateNamespacedServiceAsync(new() { Metadata = meta, Spec = new() { Ports = [new() { Port = 80 }] } }, "default");
        await client.CoreV1.CreateNamespacedServiceAccountAsync(new() { Metadata = meta }, "default");
        await client.CoreV1.CreateNamespacedConfigMapAsync(new() { Metadata = meta }, "default");
        var service = await client.CoreV1.DeleteNamespacedServiceAsync("a", "default");
        var account = await client.CoreV1.DeleteNamespacedServiceAccountAsync("a", "default");
        var map = await client.CoreV1.DeleteNamespacedConfigMapAsync("a", "default");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((service.Kind, service.Metadata.Name), Is.EqualTo(("Service", "a")));
            Assert.That((account.Kind, account.Metadata.Name), Is.EqualTo(("ServiceAccount", "a")));
            Assert.That((map.Status, map.Details.Kind), Is.EqualTo(("Success", "configmaps")));
            Assert.That(async () => await client.CoreV1.ReadNamespacedServiceAsync("a", "default"), Throws.TypeOf<HttpOperationException>());
        }
    }
}
