using System.Net;
using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Tests.Fetching;

/// <summary>Where fetches may connect to.</summary>
public class AddressPolicyTests
{
    [TestCase("1.1.1.1")]
    [TestCase("172.15.255.255")]
    [TestCase("172.32.0.0")]
    [TestCase("100.63.255.255")]
    [TestCase("2606:4700::1111")]
    [TestCase("64:ff9b::1.1.1.1")]
    [TestCase("::ffff:1.1.1.1")]
    public void What_everybody_can_reach_is_allowed(string address) => Assert.That(Refusal(AddressPolicy.PublicOnly, address), Is.Null);

    [TestCase("0.0.0.0", "unspecified")]
    [TestCase("10.0.0.1", "private")]
    [TestCase("100.64.0.1", "shared")]
    [TestCase("127.0.0.1", "loopback")]
    [TestCase("127.9.9.9", "loopback")]
    [TestCase("169.254.1.1", "link-local")]
    [TestCase("172.16.0.1", "private")]
    [TestCase("172.31.255.255", "private")]
    [TestCase("192.168.1.1", "private")]
    [TestCase("198.19.0.1", "benchmarking")]
    [TestCase("192.0.0.8", "reserved")]
    [TestCase("192.0.2.1", "documentation")]
    [TestCase("198.51.100.1", "documentation")]
    [TestCase("224.0.0.1", "multicast")]
    [TestCase("255.255.255.255", "reserved")]
    [TestCase("::", "unspecified")]
    [TestCase("::1", "loopback")]
    [TestCase("fd12::1", "private")]
    [TestCase("fe80::1", "link-local")]
    [TestCase("fe80::1%7", "link-local")]
    [TestCase("fec0::1", "site-local")]
    [TestCase("ff02::1", "multicast")]
    [TestCase("100::1", "discard")]
    [TestCase("2001:db8::1", "documentation")]
    [TestCase("2001::1", "Teredo")]
    [TestCase("64:ff9b:1::1", "NAT64")]
    [TestCase("::ffff:0:10.0.0.1", "translated")]
    [TestCase("::ffff:10.0.0.1", "private")]
    [TestCase("64:ff9b::10.0.0.1", "private")]
    [TestCase("2002:0a00:0001::1", "private")]
    [TestCase("::10.0.0.1", "private")]
    public void What_only_the_cluster_can_reach_needs_to_be_listed(string address, string kind)
    {
        Assert.That(Refusal(AddressPolicy.PublicOnly, address), Does.Contain($"a {kind} address").And.Contain("--allowed-source-addresses"));
        Assert.That(Refusal(AddressPolicy.Allowing(["models.test"]), address), Is.Null, "an allowed host may be anywhere");
        Assert.That(Refusal(AddressPolicy.Allowing(["0.0.0.0/0", "::/0"]), address), Is.Null);
        Assert.That(Refusal(AddressPolicy.Allowing(["other.test", "203.0.113.0/24"]), address), Is.Not.Null);
    }

    [TestCase("169.254.169.254")]
    [TestCase("169.254.170.2")]
    [TestCase("169.254.170.23")]
    [TestCase("fd00:ec2::23")]
    [TestCase("fd20:ce::254")]
    [TestCase("fe80::a9fe:a9fe")]
    [TestCase("fd00:c1::a9fe:a9fe")]
    [TestCase("fd00:ec2::254")]
    [TestCase("100.100.100.200")]
    [TestCase("168.63.129.16")]
    [TestCase("192.0.0.192")]
    [TestCase("::ffff:169.254.169.254")]
    [TestCase("64:ff9b::a9fe:a9fe")]
    [TestCase("2002:a9fe:a9fe::1")]
    public void A_cloud_s_metadata_is_never_allowed(string address) =>
        Assert.That(Refusal(AddressPolicy.Allowing(["0.0.0.0/0", "::/0", "models.test"]), address), Does.Contain("metadata"));

    [Test]
    public void An_address_and_a_range_allow_what_they_name_and_nothing_beside_it()
    {
        var policy = AddressPolicy.Allowing(["10.1.0.0/16", "192.168.7.7", "[fd12::7]", "::1"]);
        string[] allowed = ["10.1.255.255", "192.168.7.7", "fd12::7", "::1", "::ffff:10.1.2.3"];
        string[] refused = ["10.2.0.0", "192.168.7.8", "fd12::8", "127.0.0.1"];
        Assert.That(allowed.Select(a => Refusal(policy, a)), Is.All.Null);
        Assert.That(refused.Select(a => Refusal(policy, a)), Has.None.Null);
    }

    [TestCase("localhost", "loopback")]
    [TestCase("a.localhost", "loopback")]
    [TestCase("LOCALHOST.", "loopback")]
    [TestCase("metadata.google.internal", "metadata")]
    [TestCase("Metadata.Google.Internal.", "metadata")]
    [TestCase("metadata.goog", "metadata")]
    [TestCase("metadata", "metadata")]
    [TestCase("instance-data", "metadata")]
    [TestCase("instance-data.ec2.internal", "metadata")]
    [TestCase("169.254.169.254", "metadata")]
    [TestCase("[::ffff:169.254.169.254]", "metadata")]
    [TestCase("10.0.0.1", "private")]
    [TestCase("[::1]", "loopback")]
    public void Behind_a_proxy_the_host_itself_is_judged(string host, string words) => Assert.That(AddressPolicy.PublicOnly.RefuseByName(host), Does.Contain(words));

    [TestCase("huggingface.co")]
    [TestCase("1.1.1.1")]
    [TestCase("models.internal")]
    public void Behind_a_proxy_other_names_are_the_proxy_s_to_judge(string host) => Assert.That(AddressPolicy.PublicOnly.RefuseByName(host), Is.Null);

    [Test]
    public void An_allowed_host_may_be_asked_for_through_a_proxy_unless_it_is_metadata()
    {
        var policy = AddressPolicy.Allowing(["localhost", "metadata.google.internal", "10.0.0.0/8"]);
        Assert.That((policy.RefuseByName("LocalHost"), policy.RefuseByName("10.0.0.1")), Is.EqualTo(((string?)null, (string?)null)));
        Assert.That(policy.RefuseByName("metadata.google.internal"), Does.Contain("never"));
    }

    [TestCase("")]
    [TestCase("10.0.0.0/33")]
    [TestCase("http://models.test")]
    [TestCase("models.test/path")]
    [TestCase("a b")]
    [TestCase("*.test")]
    public void What_is_neither_host_nor_range_is_refused_by_its_words(string entry) =>
        Assert.That(() => AddressPolicy.Allowing([entry]), Throws.TypeOf<FormatException>().With.Message.Contains($"'{entry}'"));

    private static string? Refusal(AddressPolicy policy, string address) => policy.Refuse("models.test", IPAddress.Parse(address));
}
