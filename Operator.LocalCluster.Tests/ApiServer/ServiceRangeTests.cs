using System.Net;
using LlmKube.Operator.LocalCluster.ApiServer;

namespace LlmKube.Operator.LocalCluster.Tests.ApiServer;

public sealed class ServiceRangeTests
{
    private const string Services = "/api/v1/namespaces/default/services";

    [TestCase("10.96.0.0/16", "10.96.0.10")]
    [TestCase("127.64.128.0/17", "127.64.128.10")]
    [TestCase("10.0.255.0/24", "10.0.255.10")]
    public async Task Cluster_ips_come_from_the_range(string range, string first)
    {
        await using var server = await LocalServer.StartAsync(new() { ServiceRange = IPNetwork.Parse(range) });
        Assert.That((await server.Admin.ExpectAsync(201, "POST", Services, Service("a"))).At("spec.clusterIP"), Is.EqualTo(first));
    }

    [Test]
    public async Task A_range_that_is_used_up_is_used_again_where_it_was_freed()
    {
        await using var server = await LocalServer.StartAsync(new() { ServiceRange = IPNetwork.Parse("10.1.1.0/27") });
        var given = new HashSet<string?>();
        for (var i = 0; i < 21; i++) given.Add((await server.Admin.ExpectAsync(201, "POST", Services, Service($"s{i}"))).At("spec.clusterIP"));
        Assert.That(given, Has.Count.EqualTo(21).And.Contain("10.1.1.30"));
        Assert.That((await server.Admin.ExpectAsync(500, "POST", Services, Service("more"))).At("message"), Does.Contain("All cluster IPs of 10.1.1.0/27 are in use."));
        await server.Admin.ExpectAsync(200, "DELETE", Services + "/s5");
        Assert.That((await server.Admin.ExpectAsync(201, "POST", Services, Service("more"))).At("spec.clusterIP"), Is.EqualTo("10.1.1.15"));
    }

    [TestCase("10.97.0.5", "failed to allocate IP 10.97.0.5: the provided IP (10.97.0.5) is not in the valid range. The range of valid IPs is 10.96.0.0/16")]
    [TestCase("10.96.7.7", "failed to allocate IP 10.96.7.7: provided IP is already allocated")]
    [TestCase("seven", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    public async Task An_address_that_is_asked_for_must_be_free_and_of_the_range(string asked, string reason)
    {
        await using var server = await LocalServer.StartAsync();
        await server.Admin.ExpectAsync(201, "POST", Services, Service("first", "10.96.7.7"));
        var answer = await server.Admin.ExpectAsync(422, "POST", Services, Service("a", asked));
        Assert.That(answer.At("message"), Does.StartWith("Service \"a\" is invalid: spec.clusterIPs").And.EndsWith(reason));
    }

    [TestCase("10.96.0.0/28")]
    [TestCase("fd00::/64")]
    public void A_range_of_no_use_is_refused(string range) =>
        Assert.That(() => new ApiServerOptions { ServiceRange = IPNetwork.Parse(range) }, Throws.InstanceOf<ArgumentOutOfRangeException>());

    private static string Service(string name, string? address = null) =>
        $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"clusterIP":"{{{address}}}","ports":[{"port":80}]}}""";
}
