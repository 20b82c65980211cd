using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Discovery;
using LlmKube.Operator.LocalCluster.ApiServer.Requests;
using LlmKube.Operator.LocalCluster.ApiServer.Tables;

namespace LlmKube.Operator.LocalCluster.Tests.ApiServer;

public sealed class TextTests
{
    [TestCase(0, ExpectedResult = "0s")]
    [TestCase(119, ExpectedResult = "119s")]
    [TestCase(120, ExpectedResult = "2m")]
    [TestCase(125, ExpectedResult = "2m5s")]
    [TestCase(600, ExpectedResult = "10m")]
    [TestCase(3 * 3600, ExpectedResult = "3h")]
    [TestCase((3 * 3600) + 60, ExpectedResult = "3h1m")]
    [TestCase(9 * 3600, ExpectedResult = "9h")]
    [TestCase(49 * 3600, ExpectedResult = "2d1h")]
    [TestCase(9 * 86400, ExpectedResult = "9d")]
    [TestCase(800 * 86400, ExpectedResult = "2y70d")]
    [TestCase(9 * 365 * 86400, ExpectedResult = "9y")]
    [TestCase(-5, ExpectedResult = "<invalid>")]
    public string Durations_are_shown_as_kubectl_does(int seconds) => HumanDuration.Of(TimeSpan.FromSeconds(seconds));

    [TestCase(".spec.a", ExpectedResult = "1")]
    [TestCase(".spec.list[0].name", ExpectedResult = "x")]
    [TestCase(".spec.list[-1].name", ExpectedResult = "y")]
    [TestCase(".spec.list[*].name", ExpectedResult = "x y")]
    [TestCase(".spec.list[?(@.name==\"y\")].value", ExpectedResult = "2")]
    [TestCase(".spec.list[?(@.name!='y')].value", ExpectedResult = "1")]
    [TestCase(".spec['a.b/c']", ExpectedResult = "z")]
    [TestCase(".spec.a\\.b/c", ExpectedResult = "z")]
    [TestCase(".spec.none.deeper", ExpectedResult = "")]
    public string Printer_columns_find_their_values(string path)
    {
        var json = (JsonObject)JsonNode.Parse("""{"spec":{"a":1,"a.b/c":"z","list":[{"name":"x","value":1},{"name":"y","value":2}]}}""")!;
        return string.Join(' ', JsonPath.Parse(path).Find(json));
    }

    [Test]
    public void Versions_are_ordered_by_stability() =>
        Assert.That(Versions.Ordered(["v1alpha1", "foo", "v1beta2", "v2", "v1", "v1beta10", "v10"]), Is.EqualTo(["v10", "v2", "v1", "v1beta10", "v1beta2", "v1alpha1", "foo"]));

    [TestCase("GET", "/api/v1/namespaces/n/pods", false, "list  v1 pods n  ")]
    [TestCase("GET", "/api/v1/namespaces/n/pods", true, "watch  v1 pods n  ")]
    [TestCase("GET", "/api/v1/pods", false, "list  v1 pods   ")]
    [TestCase("GET", "/api/v1/namespaces/n/pods/p/log", false, "get  v1 pods n p log")]
    [TestCase("PUT", "/api/v1/namespaces/n/finalize", false, "update  v1 namespaces n n finalize")]
    [TestCase("GET", "/api/v1/namespaces/n", false, "get  v1 namespaces n n ")]
    [TestCase("GET", "/api/v1/namespaces/n/status", false, "get  v1 namespaces n n status")]
    [TestCase("DELETE", "/apis/apps/v1/namespaces/n/deployments", false, "deletecollection apps v1 deployments n  ")]
    [TestCase("PATCH", "/apis/apps/v1/namespaces/n/deployments/d/scale", false, "patch apps v1 deployments n d scale")]
    [TestCase("POST", "/apis/g.example/v1/things", false, "create g.example v1 things   ")]
    [TestCase("GET", "/healthz", false, "get      ")]
    [TestCase("GET", "/apis/apps/v1", false, "get      ")]
    public void Paths_say_what_is_asked(string method, string path, bool watch, string expected)
    {
        var info = RequestInfo.Of(method, path, watch);
        Assert.That($"{info.Verb} {info.Group} {info.Version} {info.Resource} {info.Namespace} {info.Name} {info.Subresource}", Is.EqualTo(expected));
    }
}
