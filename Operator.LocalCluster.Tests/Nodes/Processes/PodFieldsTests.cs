using k8s.Models;
using LlmKube.Operator.LocalCluster.Nodes.Processes;

namespace LlmKube.Operator.LocalCluster.Tests.Nodes.Processes;

public sealed class PodFieldsTests
{
    private static readonly V1Pod s_pod = new()
    {
        Metadata = new()
        {
            Name = "chat",
            NamespaceProperty = "llm",
            Uid = "u",
            Labels = new Dictionary<string, string> { ["b"] = "2", ["a.example/x"] = "1" },
            Annotations = new Dictionary<string, string>(),
        },
        Spec = new()
        {
            NodeName = "node-1",
            Containers = [new() { Name = "main", Resources = new() { Limits = new Dictionary<string, ResourceQuantity> { ["cpu"] = new("1500m"), ["memory"] = new("1Gi") } } }],
        },
    };

    private static readonly Dictionary<string, string> s_allocatable = new() { ["ephemeral-storage"] = "200Gi" };

    [TestCase("metadata.name", "chat")]
    [TestCase("metadata.namespace", "llm")]
    [TestCase("metadata.uid", "u")]
    [TestCase("metadata.labels['a.example/x']", "1")]
    [TestCase("metadata.labels['none']", "")]
    [TestCase("metadata.annotations['none']", "")]
    [TestCase("metadata.labels", "a.example/x=\"1\"\nb=\"2\"")]
    [TestCase("spec.nodeName", "node-1")]
    [TestCase("spec.serviceAccountName", "default")]
    [TestCase("status.podIP", "127.64.0.9")]
    [TestCase("status.hostIP", "127.0.0.1")]
    public void A_field_of_the_pod(string field, string expected) => Assert.That(PodFields.Value(s_pod, field, "127.64.0.9"), Is.EqualTo(expected));

    [TestCase("limits.cpu", null, "2")]
    [TestCase("limits.cpu", "1m", "1500")]
    [TestCase("limits.memory", "1Mi", "1024")]
    [TestCase("requests.cpu", null, "2")]
    [TestCase("limits.ephemeral-storage", "1Gi", "200")]
    [TestCase("requests.ephemeral-storage", null, "0")]
    public void A_resource_of_the_container(string resource, string? divisor, string expected) => Assert.That(
        PodFields.Value(s_pod, s_pod.Spec.Containers[0], new V1ResourceFieldSelector { Resource = resource, Divisor = divisor is null ? null : new(divisor) }, s_allocatable), Is.EqualTo(expected));

    [Test]
    public void A_field_that_cannot_be_asked_for_is_named() =>
        Assert.That(() => PodFields.Value(s_pod, "spec.dnsPolicy", ""), Throws.TypeOf<PodSetupException>().With.Message.Contains("spec.dnsPolicy"));
}
